namespace Grid.Silo.Telemetry;

/// <summary>How often a new log file is begun.</summary>
public enum LogPeriod
{
    /// <summary>One file for ever, unless it grows too large.</summary>
    Never,

    /// <summary>A file a day.</summary>
    Day,

    /// <summary>A file an hour.</summary>
    Hour,
}

/// <summary>Files that a process writes its log into, beside the console. Bound from the section <c>Grid:Logs</c>; levels are those of the section <c>Logging</c>.</summary>
public sealed class LogOptions
{
    /// <summary>Folder of the files, <c>PROCESS.log</c> or <c>PROCESS-TIME.log</c>; made when it is not there. Null: no files.</summary>
    public string? Folder { get; set; }

    /// <summary>When a new file is begun: Never, Day or Hour. Default Day.</summary>
    public LogPeriod Period { get; set; } = LogPeriod.Day;

    /// <summary>Bytes after which a new file is begun as well, 1,000,000 to 100,000,000,000. Default 100 MB.</summary>
    public long FileBytes { get; set; } = 100_000_000;

    /// <summary>Files that are kept, the newest, 1 to 100,000. Default 31.</summary>
    public int KeptFiles { get; set; } = 31;

    /// <summary>Throws <see cref="ArgumentException"/>, which names the setting, unless the options make sense.</summary>
    public void Validate()
    {
        if (!Enum.IsDefined(Period))
            throw new ArgumentException($"Grid:Logs:Period is {Period}: it is Never, Day or Hour.");
        if (FileBytes is < 1_000_000 or > 100_000_000_000)
            throw new ArgumentException($"Grid:Logs:FileBytes is {FileBytes}: it goes from 1000000 to 100000000000.");
        if (KeptFiles is < 1 or > 100_000)
            throw new ArgumentException($"Grid:Logs:KeptFiles is {KeptFiles}: it goes from 1 to 100000.");
    }
}
