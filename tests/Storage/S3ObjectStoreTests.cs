using Grid.Fixtures;
using Grid.Storage.S3;

namespace Grid.Storage.Tests;

public sealed class S3ObjectStoreTests(S3Server server) : ObjectStorePromises, IClassFixture<S3Server>, IDisposable
{
    private readonly S3ObjectStore _store = server.Open();

    protected override IObjectStore Store => _store;

    public void Dispose() => _store.Dispose();

    [Fact]
    public async Task A_check_succeeds_on_the_bucket_and_names_what_is_wrong_otherwise()
    {
        await _store.CheckAsync();
        using var elsewhere = server.Open(o => o.Bucket = "no-such-bucket");
        Assert.Contains("there is no such bucket", (await Assert.ThrowsAsync<StorageException>(() => elsewhere.CheckAsync())).Message);
        using var stranger = server.Open(o => o.SecretAccessKey = "not the key");
        var e = await Assert.ThrowsAsync<StorageException>(() => stranger.CheckAsync());
        Assert.DoesNotContain("not the key", e.ToString());
    }

    [Fact]
    public async Task An_absent_bucket_is_not_an_absent_object()
    {
        using var elsewhere = server.Open(o => o.Bucket = "no-such-bucket");
        await Assert.ThrowsAsync<StorageException>(() => elsewhere.ReadAsync("a", 0, new byte[1]));
        await Assert.ThrowsAsync<StorageException>(() => elsewhere.PutAsync("a", new byte[1]));
    }

    [Fact]
    public async Task A_server_that_is_not_there_fails_in_bounded_time_and_names_the_key()
    {
        using var nowhere = server.Open(o => (o.Endpoint, o.Retries, o.TimeoutSeconds) = ("http://127.0.0.1:1", 1, 5));
        var e = await Assert.ThrowsAsync<StorageException>(() => nowhere.FindAsync("some/key"));
        Assert.Contains("some/key", e.Message);
    }

    [Fact]
    public async Task An_object_larger_than_one_request_copies_is_copied_in_parts_by_the_service()
    {
        var strict = new S3Server { LargestRequestBytes = 6 << 20 };
        await strict.InitializeAsync();
        try
        {
            using var store = strict.Open();
            var content = new byte[(11 << 20) + 12_345];
            new Random(3).NextBytes(content);
            await store.PutAsync("large", new MemoryStream(content));
            await store.PutAsync("small", content.AsMemory(0, 1000));

            await store.LinkAsync([new ObjectLink("large", "a/copy"), new ObjectLink("small", "a/small")]);
            await store.DeleteAsync("large");

            var copy = new byte[content.Length + 1];
            Assert.Equal(content.Length, await store.ReadAsync("a/copy", 0, copy));
            Assert.True(content.AsSpan().SequenceEqual(copy.AsSpan(0, content.Length)));
            Assert.Equal(1000, (await store.FindAsync("a/small"))!.LengthBytes);
            await Assert.ThrowsAsync<ObjectNotFoundException>(() => store.LinkAsync([new ObjectLink("large", "b")]));
        }
        finally
        {
            await strict.DisposeAsync();
        }
    }
}
