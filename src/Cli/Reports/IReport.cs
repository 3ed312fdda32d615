namespace Grid.Cli.Reports;

/// <summary>Where a run tells how it goes. Results go to standard output, all of this to standard error.</summary>
public interface IReport
{
    /// <summary>Says a line.</summary>
    void Say(string line);

    /// <summary>Shows a task with its share done while it runs.</summary>
    /// <param name="title">A few words.</param>
    /// <param name="work">The task; it is given the meter to move.</param>
    Task<T> TrackAsync<T>(string title, Func<IMeter, Task<T>> work);
}

/// <summary>The progress of one task.</summary>
public interface IMeter
{
    /// <summary>Moves the meter.</summary>
    /// <param name="fraction">Share done, 0 to 1.</param>
    /// <param name="detail">Figures beside it, such as a rate and the time left.</param>
    void Set(double fraction, string detail);
}

/// <summary>The report that suits where standard error goes.</summary>
public static class Report
{
    /// <summary>Bars on a terminal, plain lines elsewhere.</summary>
    public static IReport ForConsole() =>
        Console.IsErrorRedirected || Environment.GetEnvironmentVariable("TERM") is null or "dumb"
            ? new PlainReport(Console.Error, TimeProvider.System)
            : new TerminalReport();
}
