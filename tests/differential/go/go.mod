module signer-mock/tests/differential

go 1.21
