using System.Diagnostics;
using Npgsql;

namespace Grid.Silo.Database;

/// <summary>Waits for a server that is starting.</summary>
internal static class ServerAnswers
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(25);

    /// <summary>Returns once a connection can be made.</summary>
    /// <param name="source">The server.</param>
    /// <param name="limit">How long to try.</param>
    /// <param name="cancellation">Stops the waiting.</param>
    /// <param name="given">Checked before each attempt; throws when there is no more sense in waiting.</param>
    /// <exception cref="DatabaseException">It did not answer in time, or refuses these credentials.</exception>
    public static async Task WaitAsync(NpgsqlDataSource source, TimeSpan limit, CancellationToken cancellation, Action? given = null)
    {
        for (var since = Stopwatch.GetTimestamp(); ; await Task.Delay(Pause, cancellation))
        {
            given?.Invoke();
            try
            {
                await using var connection = await source.OpenConnectionAsync(cancellation);
                return;
            }
            catch (NpgsqlException e) when (e is not PostgresException || e.IsTransient || e.SqlState == PostgresErrorCodes.CannotConnectNow)
            {
                if (Stopwatch.GetElapsedTime(since) > limit)
                    throw new DatabaseException($"The database did not answer within {limit.TotalSeconds:0} s: {e.Message}", e);
            }
            catch (PostgresException e)
            {
                throw new DatabaseException($"The database refuses the connection: {e.MessageText}", e);
            }
        }
    }
}
