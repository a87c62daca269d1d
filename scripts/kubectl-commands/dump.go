// Prints what every command of kubectl says of itself as JSON, for scripts/kubectl-commands.ts. Run it in a module
// that requires k8s.io/kubectl at the version modelled: go run dump.go > kubectl.json
package main

import (
	"encoding/json"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"k8s.io/kubectl/pkg/cmd"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	"k8s.io/cli-runtime/pkg/genericclioptions"
)

type F struct {
	Name, Short, Type, Def, NoOpt, Usage, Deprecated, ShortDep string
	Hidden, Required, Persistent bool
}
type C struct {
	Path, Use, UseLine, Short, Long, Example, Deprecated string
	Aliases []string
	Hidden, Runnable, NoFlagsInUse bool
	Flags []F
	Help string
}

func main() {
	root := cmd.NewKubectlCommand(cmd.KubectlOptions{
		Arguments: []string{"kubectl"},
		ConfigFlags: genericclioptions.NewConfigFlags(true).WithDeprecatedPasswordFlag(),
		IOStreams: genericiooptions.IOStreams{In: os.Stdin, Out: os.Stdout, ErrOut: os.Stderr},
	})
	var out []C
	var walk func(c *cobra.Command)
	walk = func(c *cobra.Command) {
		x := C{Path: c.CommandPath(), Use: c.Use, UseLine: c.UseLine(), Short: c.Short, Long: c.Long, Example: c.Example, Aliases: c.Aliases, Hidden: c.Hidden, Deprecated: c.Deprecated, Runnable: c.Runnable(), NoFlagsInUse: c.DisableFlagsInUseLine}
		c.LocalFlags().VisitAll(func(f *pflag.Flag) {
			_, req := f.Annotations[cobra.BashCompOneRequiredFlag]
			x.Flags = append(x.Flags, F{f.Name, f.Shorthand, f.Value.Type(), f.DefValue, f.NoOptDefVal, f.Usage, f.Deprecated, f.ShorthandDeprecated, f.Hidden, req, c.PersistentFlags().Lookup(f.Name) != nil})
		})
		var b strings.Builder
		c.SetOut(&b)
		c.Help()
		x.Help = b.String()
		out = append(out, x)
		for _, s := range c.Commands() {
			walk(s)
		}
	}
	walk(root)
	e := json.NewEncoder(os.Stdout)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	e.Encode(out)
}
