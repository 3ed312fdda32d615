using System.CommandLine;
using Grid.Cli.Commands;

var given = GridCommand.Create().Parse(args);
// A demonstration stops its server before it ends; PostgreSQL is part of that.
var code = await given.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromMinutes(1) });
return given.Errors.Count > 0 ? Outcome.Usage : code;
