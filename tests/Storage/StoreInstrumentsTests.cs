using System.Diagnostics.Metrics;

namespace Grid.Storage.Tests;

public sealed class StoreInstrumentsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("grid-measured-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Calls_are_told_by_store_operation_and_result_and_bytes_as_they_pass()
    {
        // Other tests' stores have other names.
        var name = $"measured{Guid.NewGuid():N}"[..16];
        var calls = new Dictionary<string, int>();
        var bytes = new Dictionary<string, long>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == StoreInstruments.Name)
                    listener.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<double>((_, seconds, tags, _) =>
        {
            Assert.True(seconds >= 0);
            Add(calls, tags, 1, (a, b) => a + b);
        });
        listener.SetMeasurementEventCallback<long>((_, moved, tags, _) => Add(bytes, tags, moved, (a, b) => a + b));
        listener.Start();

        using var store = (StoreGroup)ObjectStores.Open(new StorageOptions
        {
            Folder = Path.Combine(_folder, "main"),
            Others = { [name] = new StorageOptions { Folder = Path.Combine(_folder, "other"), FlushToDisk = false } },
        });
        var key = StoreGroup.PrefixOf(name) + "a";
        await store.PutAsync(key, new byte[1000]);
        await store.FindAsync(key);
        await store.FindAsync(key + "bsent");
        await store.ReadAsync(key, 900, new byte[300]);
        await store.ReadAsync(key + "bsent", 0, new byte[1]);
        await using (var content = await store.OpenReadAsync(key))
            await content.CopyToAsync(Stream.Null);
        await Assert.ThrowsAsync<ObjectNotFoundException>(() => store.OpenReadAsync(key + "bsent"));
        await store.LinkAsync([new ObjectLink(key, key + "gain")]);
        await store.DeleteAsync(key + "gain");
        // A folder where an object should be.
        Directory.CreateDirectory(Path.Combine(_folder, "other", StoreGroup.PrefixOf(name), "b"));
        await Assert.ThrowsAnyAsync<StorageException>(() => store.PutAsync(StoreGroup.PrefixOf(name) + "b", new byte[1]));

        Assert.Equal(
            new Dictionary<string, int>
            {
                ["put ok"] = 1, ["put failed"] = 1, ["find ok"] = 1, ["find none"] = 1, ["read ok"] = 1, ["read none"] = 1, ["open ok"] = 1, ["open none"] = 1,
                ["link ok"] = 1, ["delete ok"] = 1,
            }.OrderBy(call => call.Key, StringComparer.Ordinal),
            calls.OrderBy(call => call.Key, StringComparer.Ordinal));
        Assert.Equal(1000, bytes["put "]);
        Assert.Equal(100, bytes["read "]);
        Assert.Equal(1000, bytes["open "]);

        void Add<T>(Dictionary<string, T> sums, ReadOnlySpan<KeyValuePair<string, object?>> tags, T value, Func<T, T, T> sum)
        {
            var (of, operation, result) = ("", "", "");
            foreach (var (tag, text) in tags)
                _ = tag switch { "store" => of = (string)text!, "operation" => operation = (string)text!, _ => result = (string)text! };
            if (of != name)
                return;
            lock (sums)
                sums[$"{operation} {result}"] = sums.TryGetValue($"{operation} {result}", out var before) ? sum(before, value) : value;
        }
    }
}
