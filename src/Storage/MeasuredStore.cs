using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Grid.Storage;

/// <summary>A store whose calls are told to operators by <see cref="StoreInstruments"/>.</summary>
/// <param name="store">It is disposed of with this one.</param>
/// <param name="name">Its name among others; the main store's is <c>main</c>.</param>
internal sealed class MeasuredStore(IObjectStore store, string name) : IObjectStore, IDisposable
{
    private const string Ok = "ok";
    private const string None = "none";
    private const string Failed = "failed";

    public IReadOnlyDictionary<string, string> GdalOptions => store.GdalOptions;

    public Task<ObjectInfo?> FindAsync(string key, CancellationToken cancellation = default) =>
        CallAsync("find", () => store.FindAsync(key, cancellation), static found => (found is null ? None : Ok, 0));

    // Short reads of a folder end before they return: they stay without a task of their own.
    public Task<int> ReadAsync(string key, long offset, Memory<byte> buffer, CancellationToken cancellation = default)
    {
        var begun = Stopwatch.GetTimestamp();
        var reading = store.ReadAsync(key, offset, buffer, cancellation);
        if (!reading.IsCompletedSuccessfully)
            return WaitAsync("read", begun, reading, ResultOf);
        var (result, bytes) = ResultOf(reading.Result);
        StoreInstruments.Called(name, "read", result, begun, bytes);
        return reading;

        static (string, long) ResultOf(int read) => (read < 0 ? None : Ok, Math.Max(0, read));
    }

    public async Task<Stream> OpenReadAsync(string key, CancellationToken cancellation = default) =>
        new CountedStream(await CallAsync("open", () => store.OpenReadAsync(key, cancellation), static _ => (Ok, 0)), name);

    public Task<ObjectInfo> PutAsync(string key, ReadOnlyMemory<byte> content, CancellationToken cancellation = default) =>
        CallAsync("put", () => store.PutAsync(key, content, cancellation), static put => (Ok, put.LengthBytes));

    public Task<ObjectInfo> PutAsync(string key, Stream content, CancellationToken cancellation = default) =>
        CallAsync("put", () => store.PutAsync(key, content, cancellation), static put => (Ok, put.LengthBytes));

    public Task LinkAsync(IReadOnlyList<ObjectLink> links, CancellationToken cancellation = default) =>
        CallAsync("link", async () =>
        {
            await store.LinkAsync(links, cancellation);
            return true;
        }, static _ => (Ok, 0));

    public Task DeleteAsync(string key, CancellationToken cancellation = default) =>
        CallAsync("delete", async () =>
        {
            await store.DeleteAsync(key, cancellation);
            return true;
        }, static _ => (Ok, 0));

    public Task DeleteAsync(IReadOnlyList<string> keys, CancellationToken cancellation = default) =>
        CallAsync("delete", async () =>
        {
            await store.DeleteAsync(keys, cancellation);
            return true;
        }, static _ => (Ok, 0));

    public async IAsyncEnumerable<ObjectInfo> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        await using var listed = store.ListAsync(prefix, cancellation).GetAsyncEnumerator(cancellation);
        var isThere = await CallAsync("list", () => listed.MoveNextAsync().AsTask(), static _ => (Ok, 0));
        while (isThere)
        {
            yield return listed.Current;
            // The time that the reader takes with each is not the store's, and most come of a page that is in memory.
            var begun = Stopwatch.GetTimestamp();
            var moving = listed.MoveNextAsync();
            isThere = moving.IsCompletedSuccessfully ? moving.Result : await WaitAsync("list", begun, moving.AsTask(), static _ => (Ok, 0));
        }
    }

    public string GdalPath(string key) => store.GdalPath(key);

    public void Dispose() => (store as IDisposable)?.Dispose();

    private Task<T> CallAsync<T>(string operation, Func<Task<T>> call, Func<T, (string Result, long Bytes)> tell) =>
        MeasureAsync(operation, Stopwatch.GetTimestamp(), call, tell);

    private Task<T> WaitAsync<T>(string operation, long begun, Task<T> call, Func<T, (string Result, long Bytes)> tell) =>
        MeasureAsync(operation, begun, () => call, tell);

    // A folder's calls may fail before they return a task.
    private async Task<T> MeasureAsync<T>(string operation, long begun, Func<Task<T>> call, Func<T, (string Result, long Bytes)> tell)
    {
        try
        {
            var ended = await call();
            var (result, bytes) = tell(ended);
            StoreInstruments.Called(name, operation, result, begun, bytes);
            return ended;
        }
        catch (ObjectNotFoundException)
        {
            StoreInstruments.Called(name, operation, None, begun, 0);
            throw;
        }
        catch (StorageException)
        {
            StoreInstruments.Called(name, operation, Failed, begun, 0);
            throw;
        }
    }
}
