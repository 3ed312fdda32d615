using Microsoft.Extensions.Logging;

namespace Grid.Silo.Operations;

/// <summary>A warning or an error that was logged, once or several times in a row.</summary>
/// <param name="Count">How often, the last time at <paramref name="Time"/>.</param>
public sealed record RecentError(DateTimeOffset Time, LogLevel Level, string Source, string Message, long Count);

/// <summary>Keeps the last warnings and errors that this process has logged, for operators. Safe for concurrent use.</summary>
public sealed class RecentErrors(TimeProvider time) : ILoggerProvider
{
    private const int Kept = 50;
    private const int LongestMessage = 600;

    private readonly Lock _gate = new();
    private readonly LinkedList<RecentError> _errors = new();
    private long _warnings, _failures;

    /// <summary>Newest first.</summary>
    public IReadOnlyList<RecentError> Latest
    {
        get
        {
            lock (_gate)
                return [.. _errors];
        }
    }

    /// <summary>Warnings since the start.</summary>
    public long Warnings => Interlocked.Read(ref _warnings);

    /// <summary>Errors since the start, critical ones among them.</summary>
    public long Failures => Interlocked.Read(ref _failures);

    public ILogger CreateLogger(string categoryName) => new Keeper(this, categoryName);

    public void Dispose()
    {
    }

    private void Keep(LogLevel level, string source, string message)
    {
        if (level == LogLevel.Warning)
            Interlocked.Increment(ref _warnings);
        else
            Interlocked.Increment(ref _failures);
        var text = message.Length > LongestMessage ? message[..LongestMessage] + "…" : message;
        lock (_gate)
        {
            // What repeats itself must not drive the rest out.
            for (var node = _errors.First; node is not null; node = node.Next)
            {
                if (node.Value.Message != text || node.Value.Source != source || node.Value.Level != level)
                    continue;
                var again = node.Value with { Time = time.GetUtcNow(), Count = node.Value.Count + 1 };
                _errors.Remove(node);
                _errors.AddFirst(again);
                return;
            }

            _errors.AddFirst(new RecentError(time.GetUtcNow(), level, source, text, 1));
            if (_errors.Count > Kept)
                _errors.RemoveLast();
        }
    }

    private sealed class Keeper(RecentErrors errors, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel is >= LogLevel.Warning and < LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!IsEnabled(logLevel))
                return;
            var message = formatter(state, exception);
            errors.Keep(logLevel, category, exception is null ? message : $"{message}: {exception.Message}");
        }
    }
}
