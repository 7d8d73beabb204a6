"""The command ``signer-mock``, a module for each subcommand."""
