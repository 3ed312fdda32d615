namespace Grid.Cli.Reports;

/// <summary>Progress as plain lines, for logs and pipes: one at every tenth of a task, and one when ten seconds passed without.</summary>
public sealed class PlainReport(TextWriter output, TimeProvider time) : IReport
{
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(10);

    /// <inheritdoc />
    public void Say(string line) => output.WriteLine(line);

    /// <inheritdoc />
    public async Task<T> TrackAsync<T>(string title, Func<IMeter, Task<T>> work)
    {
        output.WriteLine($"{title}…");
        var started = time.GetTimestamp();
        var result = await work(new Meter(title, output, time));
        output.WriteLine($"{title}: done in {Figures.Duration(time.GetElapsedTime(started))}");
        return result;
    }

    private sealed class Meter(string title, TextWriter output, TimeProvider time) : IMeter
    {
        private readonly Lock _gate = new();
        private int _tenths;
        private long _last = time.GetTimestamp();

        public void Set(double fraction, string detail)
        {
            lock (_gate)
            {
                var tenths = (int)(Math.Clamp(fraction, 0, 1) * 10);
                if (tenths <= _tenths && time.GetElapsedTime(_last) < Silence)
                    return;
                _tenths = Math.Max(tenths, _tenths);
                _last = time.GetTimestamp();
                output.WriteLine($"{title}: {Math.Clamp(fraction, 0, 1) * 100:0} % {detail}".TrimEnd());
            }
        }
    }
}
