using Spectre.Console;
using Spectre.Console.Rendering;

namespace Grid.Cli.Reports;

/// <summary>Progress as bars on a terminal.</summary>
public sealed class TerminalReport : IReport
{
    private readonly IAnsiConsole _console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });

    /// <inheritdoc />
    public void Say(string line) => _console.WriteLine(line);

    /// <inheritdoc />
    public async Task<T> TrackAsync<T>(string title, Func<IMeter, Task<T>> work)
    {
        T result = default!;
        var detail = new DetailColumn();
        await _console.Progress()
            .AutoClear(false)
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn { Width = 20 }, new PercentageColumn(), detail)
            .StartAsync(async progress =>
            {
                var task = progress.AddTask(Markup.Escape(title), maxValue: 1);
                result = await work(new Meter(task, detail));
                task.Value = 1;
            });
        return result;
    }

    private sealed class Meter(ProgressTask task, DetailColumn column) : IMeter
    {
        public void Set(double fraction, string detail)
        {
            task.Value = Math.Clamp(fraction, 0, 1);
            column.Detail = detail;
        }
    }

    private sealed class DetailColumn : ProgressColumn
    {
        public volatile string Detail = "";

        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) =>
            new Text(Detail) { Overflow = Overflow.Ellipsis };
    }
}
