using Npgsql;

namespace Grid.Silo.Database;

/// <summary>
/// Notices at once that a server which others run has ended its sessions, and drops the connections of all pools then: a query that comes when the server is
/// back would find a dead one else, and fail.
/// </summary>
internal sealed class ConnectionWatch : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    private readonly NpgsqlDataSource _source;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _watching;

    public ConnectionWatch(NpgsqlDataSource source)
    {
        _source = source;
        _watching = Task.Run(WatchAsync);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _watching;
        _stopping.Dispose();
    }

    private async Task WatchAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                await using var connection = await _source.OpenConnectionAsync(_stopping.Token);
                // Nobody sends notifications: what ends the wait is the end of the session.
                while (true)
                    await connection.WaitAsync(_stopping.Token);
            }
            catch (Exception ended) when (ended is NpgsqlException or TimeoutException or InvalidOperationException)
            {
                _source.Clear();
                NpgsqlConnection.ClearAllPools();
                await Task.Delay(Pause, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (Exception) when (_stopping.IsCancellationRequested)
            {
                return;
            }
        }
    }
}
