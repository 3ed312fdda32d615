using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Grid.Silo.Database.Private;

/// <summary>Keeps a data folder's server to one grid at a time: a locked file, which the system frees when the process ends however it ends.</summary>
internal static partial class DataFolderLock
{
    private const string Name = "postgres.lock";

    /// <summary>After this long a wait is told of: who waits must not seem to hang.</summary>
    private static readonly TimeSpan s_silence = TimeSpan.FromSeconds(1);

    /// <summary>Takes the lock, waiting for a grid that is ending.</summary>
    /// <exception cref="DatabaseException">Another grid kept the folder.</exception>
    public static async Task<IDisposable> TakeAsync(string dataFolder, TimeSpan limit, ILogger logger, CancellationToken cancellation)
    {
        var path = Path.Combine(dataFolder, Name);
        var isTold = false;
        for (var since = Stopwatch.GetTimestamp(); ; await Task.Delay(50, cancellation))
        {
            try
            {
                var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
                file.SetLength(0);
                file.Write(System.Text.Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture) + "\n"));
                file.Flush();
                return file;
            }
            catch (UnauthorizedAccessException e)
            {
                throw new DatabaseException($"Cannot write in the data folder \"{dataFolder}\": {e.Message}", e);
            }
            catch (IOException e)
            {
                if (Stopwatch.GetElapsedTime(since) > limit)
                    throw new DatabaseException($"The data folder \"{dataFolder}\" is in use by another grid: stop it, or choose another folder.", e);
                if (!isTold && Stopwatch.GetElapsedTime(since) > s_silence)
                {
                    isTold = true;
                    LogWait(logger, dataFolder, limit.TotalSeconds);
                }
            }
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "The data folder \"{Folder}\" is in use by another grid; waiting up to {Seconds} s for its end")]
    private static partial void LogWait(ILogger logger, string folder, double seconds);
}
