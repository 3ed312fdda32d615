using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Serilog;
using Serilog.Core;
using Serilog.Events;
using Serilog.Extensions.Logging;

namespace Grid.Silo.Telemetry;

/// <summary>Log files of a process: a line has time, process, thread, level, source and message, parted by tabs.</summary>
public static class LogFiles
{
    private const string Line = "{Timestamp:yyyy-MM-ddTHH:mm:ss.fffzzz}\t{ProcessId}\t{ThreadId}\t{Level}\t{SourceContext}\t{Message:lj}{NewLine}{Exception}";

    /// <summary>Adds the files that <c>Grid:Logs</c> asks for. Throws <see cref="ArgumentException"/>, naming the setting, when they cannot be written.</summary>
    /// <param name="process">What the files are named after.</param>
    public static void AddLogFiles(this IHostApplicationBuilder builder, string process)
    {
        var options = builder.Configuration.GetSection("Grid:Logs").Get<LogOptions>() ?? new LogOptions();
        options.Validate();
        if (string.IsNullOrWhiteSpace(options.Folder))
            return;
        var name = Path.Combine(Path.GetFullPath(options.Folder), process + (options.Period == LogPeriod.Never ? ".log" : "-.log"));
        try
        {
            Directory.CreateDirectory(options.Folder);
            // The library would keep to itself that nothing can be written.
            var probe = name + ".probe";
            File.WriteAllBytes(probe, []);
            File.Delete(probe);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            throw new ArgumentException($"Grid:Logs:Folder is \"{options.Folder}\", which cannot be written: {failed.Message}", failed);
        }

        var logger = new LoggerConfiguration().MinimumLevel.Verbose().Enrich.With<Origin>().WriteTo.File(
            name, outputTemplate: Line, formatProvider: CultureInfo.InvariantCulture, fileSizeLimitBytes: options.FileBytes, rollOnFileSizeLimit: true,
            retainedFileCountLimit: options.KeptFiles, rollingInterval: options.Period switch
            {
                LogPeriod.Day => RollingInterval.Day,
                LogPeriod.Hour => RollingInterval.Hour,
                _ => RollingInterval.Infinite,
            }).CreateLogger();
        builder.Logging.AddProvider(new SerilogLoggerProvider(logger, dispose: true));
    }

    private sealed class Origin : ILogEventEnricher
    {
        public void Enrich(LogEvent logEvent, ILogEventPropertyFactory propertyFactory)
        {
            logEvent.AddPropertyIfAbsent(new LogEventProperty("ProcessId", new ScalarValue(Environment.ProcessId)));
            logEvent.AddPropertyIfAbsent(new LogEventProperty("ThreadId", new ScalarValue(Environment.CurrentManagedThreadId)));
        }
    }
}
