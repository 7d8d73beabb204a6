module signer-mock/tests/differential/producers

go 1.22
