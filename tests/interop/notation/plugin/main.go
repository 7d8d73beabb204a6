// Command plugin is the stand-in of package awssigner as an executable that notation can run.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/notaryproject/notation-plugin-framework-go/cli"

	"signer-mock.test/interop/notation/awssigner"
)

func main() {
	command, err := cli.New(&awssigner.Plugin{NewClient: awssigner.FromConfig})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	command.Execute(context.Background(), os.Args)
}
