using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;

namespace Grid.Storage.Tests;

/// <summary>What every store promises.</summary>
public abstract class ObjectStorePromises
{
    /// <summary>The keys of one test begin with this, so that tests can share a bucket.</summary>
    protected string Prefix { get; } = $"t-{Guid.NewGuid():n}/";

    protected abstract IObjectStore Store { get; }

    [Fact]
    public async Task What_is_put_is_found_and_read_whole()
    {
        var key = Prefix + "a/b.bin";
        var put = await Store.PutAsync(key, Bytes(1000));
        Assert.Equal(key, put.Key);
        Assert.Equal(1000, put.LengthBytes);
        var found = await Store.FindAsync(key);
        Assert.NotNull(found);
        Assert.Equal(1000, found.LengthBytes);
        Assert.Equal(put.ETag, found.ETag);
        Assert.InRange(found.LastModified, DateTimeOffset.UtcNow.AddMinutes(-5), DateTimeOffset.UtcNow.AddMinutes(5));
        Assert.Equal(Bytes(1000), await ReadWholeAsync(key));
    }

    [Fact]
    public async Task A_linked_object_outlives_the_one_it_was_linked_to_and_neither_changes_with_the_other()
    {
        string first = Prefix + "linked/first", second = Prefix + "linked/a/second", third = Prefix + "linked/third";
        await Store.PutAsync(first, Bytes(1000));
        await Store.PutAsync(third, Bytes(3));

        await Store.LinkAsync([new ObjectLink(first, second), new ObjectLink(first, third)]);
        await Store.LinkAsync([new ObjectLink(first, second)]);
        Assert.Equal(Bytes(1000), await ReadWholeAsync(second));
        Assert.Equal(Bytes(1000), await ReadWholeAsync(third));
        await Store.PutAsync(third, Bytes(7));
        await Store.DeleteAsync(first);

        Assert.Equal(Bytes(1000), await ReadWholeAsync(second));
        Assert.Equal(Bytes(7), await ReadWholeAsync(third));
        await Assert.ThrowsAsync<ObjectNotFoundException>(() => Store.LinkAsync([new ObjectLink(first, second)]));
    }

    [Fact]
    public async Task An_empty_object_is_an_object()
    {
        await Store.PutAsync(Prefix + "empty", ReadOnlyMemory<byte>.Empty);
        await Store.PutAsync(Prefix + "empty-stream", Stream.Null);
        foreach (var key in (string[])[Prefix + "empty", Prefix + "empty-stream"])
        {
            Assert.Equal(0, (await Store.FindAsync(key))?.LengthBytes);
            Assert.Equal(0, await Store.ReadAsync(key, 0, new byte[10]));
            Assert.Empty(await ReadWholeAsync(key));
        }
    }

    [Theory]
    [InlineData(0, 1000, 1000)]
    [InlineData(0, 10, 10)]
    [InlineData(990, 10, 10)]
    [InlineData(990, 11, 10)]
    [InlineData(999, 500, 1)]
    [InlineData(1000, 10, 0)]
    [InlineData(5000, 10, 0)]
    [InlineData(17, 0, 0)]
    public async Task A_range_is_read_up_to_the_end_of_the_object(int offset, int length, int expected)
    {
        var key = Prefix + "range";
        await Store.PutAsync(key, Bytes(1000));
        var buffer = new byte[length];
        Assert.Equal(expected, await Store.ReadAsync(key, offset, buffer));
        Assert.Equal(Bytes(1000).Skip(offset).Take(expected), buffer.Take(expected));
    }

    [Fact]
    public async Task An_absent_object_is_null_minus_one_or_not_found_and_its_deletion_succeeds()
    {
        var key = Prefix + "absent/object";
        Assert.Null(await Store.FindAsync(key));
        Assert.Equal(-1, await Store.ReadAsync(key, 0, new byte[10]));
        Assert.Equal(-1, await Store.ReadAsync(key, 100, new byte[0]));
        var e = await Assert.ThrowsAsync<ObjectNotFoundException>(() => Store.OpenReadAsync(key));
        Assert.Contains(key, e.Message);
        await Store.DeleteAsync(key);
    }

    [Fact]
    public async Task A_deleted_object_is_gone_for_every_kind_of_read()
    {
        var key = Prefix + "folder/gone";
        await Store.PutAsync(key, Bytes(10));
        Assert.Equal(10, await Store.ReadAsync(key, 0, new byte[10]));
        await Store.DeleteAsync(key);
        Assert.Null(await Store.FindAsync(key));
        Assert.Equal(-1, await Store.ReadAsync(key, 0, new byte[10]));
        Assert.Empty(await KeysAsync(""));
    }

    [Fact]
    public async Task A_put_replaces_the_object_and_changes_the_ETag()
    {
        var key = Prefix + "replaced";
        var etags = new HashSet<string>();
        for (byte round = 0; round < 20; round++)
        {
            etags.Add((await Store.PutAsync(key, new[] { round, round })).ETag);
            var buffer = new byte[2];
            Assert.Equal(2, await Store.ReadAsync(key, 0, buffer));
            Assert.Equal([round, round], buffer);
        }

        Assert.Equal(20, etags.Count);
    }

    [Theory]
    [InlineData(1)]
    [InlineData((5 << 20) - 1)]
    [InlineData(5 << 20)]
    [InlineData((5 << 20) + 1)]
    [InlineData(23 << 20)]
    public async Task A_stream_of_unknown_length_arrives_as_it_is(int length)
    {
        var key = Prefix + "stream";
        var info = await Store.PutAsync(key, new TricklingStream(Bytes(length)));
        Assert.Equal(length, info.LengthBytes);
        Assert.Equal(info.ETag, (await Store.FindAsync(key))!.ETag);
        await using var stream = await Store.OpenReadAsync(key);
        Assert.Equal(SHA256.HashData(Bytes(length)), await SHA256.HashDataAsync(stream));
    }

    [Fact]
    public async Task Large_memory_is_put_whole()
    {
        var content = Bytes(45 << 20);
        await Store.PutAsync(Prefix + "large", content);
        var tail = new byte[1000];
        Assert.Equal(1000, await Store.ReadAsync(Prefix + "large", content.Length - 1000, tail));
        Assert.Equal(content[^1000..], tail);
    }

    [Theory]
    [InlineData(100)]
    [InlineData(12 << 20)]
    public async Task A_source_that_fails_leaves_the_former_object_and_its_own_error(int failAfter)
    {
        var key = Prefix + "half";
        await Store.PutAsync(key, Bytes(7));
        var e = await Assert.ThrowsAsync<EndOfStreamException>(() => Store.PutAsync(key, new TricklingStream(Bytes(20 << 20), failAfter)));
        Assert.Equal("the client went away", e.Message);
        Assert.Equal(Bytes(7), await ReadWholeAsync(key));
        Assert.Equal([key], await KeysAsync(""));
    }

    [Fact]
    public async Task A_cancelled_put_leaves_nothing()
    {
        using var cancellation = new CancellationTokenSource();
        var content = new TricklingStream(Bytes(20 << 20)) { AfterBytes = (8 << 20, cancellation.Cancel) };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.PutAsync(Prefix + "cancelled", content, cancellation.Token));
        Assert.Null(await Store.FindAsync(Prefix + "cancelled"));
    }

    [Fact]
    public async Task Objects_are_listed_in_the_order_of_their_keys()
    {
        string[] names = ["b", "a/b/c", "a.txt", "a/b.txt", "a-1", "a/é", "a/z", "a0", "A", "a/b-c/d", "\uffee", "\U0001F30D"];
        foreach (var name in names.Reverse())
            await Store.PutAsync(Prefix + name, Bytes(3));
        var expected = names.OrderBy(n => n, Comparer<string>.Create((a, b) => Encoding.UTF8.GetBytes(a).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(b))));
        Assert.Equal(expected.Select(n => Prefix + n), await KeysAsync(""));
    }

    [Fact]
    public async Task A_prefix_is_the_beginning_of_a_key_not_a_folder()
    {
        foreach (var name in (string[])["ab/c", "ab/cd/e", "ab/cf", "ab", "abc", "b"])
        {
            // A folder cannot hold an object of its own name.
            if (name != "ab")
                await Store.PutAsync(Prefix + name, Bytes(1));
        }

        Assert.Equal(["ab/c"], (await KeysAsync("ab/c")).Take(1).Select(k => k[Prefix.Length..]));
        Assert.Equal(["ab/c", "ab/cd/e", "ab/cf"], (await KeysAsync("ab/c")).Select(k => k[Prefix.Length..]));
        Assert.Equal(["ab/cd/e"], (await KeysAsync("ab/cd/")).Select(k => k[Prefix.Length..]));
        Assert.Equal(4, (await KeysAsync("a")).Count);
        Assert.Empty(await KeysAsync("nothing/here"));
        Assert.Empty(await KeysAsync("ab/c/deeper"));
    }

    [Fact]
    public async Task Many_objects_are_deleted_at_once_and_no_other()
    {
        string[] gone = [.. Enumerable.Range(0, 1203).Select(i => $"{Prefix}many/{i % 7}/{i:0000}"), $"{Prefix}many/é & <b>"];
        await Parallel.ForEachAsync(gone.Append($"{Prefix}many/3/kept"), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (key, _) => await Store.PutAsync(key, Bytes(1)));
        await Store.DeleteAsync([.. gone, $"{Prefix}many/never", $"{Prefix}never/either"]);
        Assert.Equal([$"{Prefix}many/3/kept"], await KeysAsync("many/"));
        await Store.DeleteAsync(gone);
        await Store.DeleteAsync([]);
        await Assert.ThrowsAsync<InvalidObjectKeyException>(async () => await Store.DeleteAsync([$"{Prefix}many/3/kept", "../a"]));
        Assert.Equal([$"{Prefix}many/3/kept"], await KeysAsync("many/"));
    }

    [Fact]
    public async Task Listings_go_on_past_one_page()
    {
        await Parallel.ForAsync(0, 1203, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (i, _) => await Store.PutAsync($"{Prefix}many/{i:0000}", Bytes(1)));
        var keys = await KeysAsync("many/");
        Assert.Equal(Enumerable.Range(0, 1203).Select(i => $"{Prefix}many/{i:0000}"), keys);
    }

    [Theory]
    [InlineData("with space/and+plus/100%/a&b=c;d,e'f(g)!*~$@:")]
    [InlineData("accents/été/Île-de-France/日本/🌍.tif")]
    [InlineData("dots/...hidden/..a/.b")]
    [InlineData("%2e%2e/%2F")]
    public async Task Any_character_may_stand_in_a_key(string name)
    {
        await Store.PutAsync(Prefix + name, Bytes(5));
        Assert.Equal(Bytes(5), await ReadWholeAsync(Prefix + name));
        Assert.Equal(5, (await Store.FindAsync(Prefix + name))?.LengthBytes);
        Assert.Equal([Prefix + name], await KeysAsync(""));
        await Store.DeleteAsync(Prefix + name);
        Assert.Null(await Store.FindAsync(Prefix + name));
    }

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("/etc/passwd")]
    [InlineData("..")]
    [InlineData("../a")]
    [InlineData("a/../../b")]
    [InlineData("a/./b")]
    [InlineData("a//b")]
    [InlineData("a/")]
    [InlineData("a\\b")]
    [InlineData("a\0b")]
    public async Task A_key_that_is_no_plain_path_is_refused_everywhere(string key)
    {
        await Assert.ThrowsAsync<InvalidObjectKeyException>(() => Store.FindAsync(key));
        await Assert.ThrowsAsync<InvalidObjectKeyException>(() => Store.ReadAsync(key, 0, new byte[1]));
        await Assert.ThrowsAsync<InvalidObjectKeyException>(() => Store.OpenReadAsync(key));
        await Assert.ThrowsAsync<InvalidObjectKeyException>(() => Store.PutAsync(key, Bytes(1)));
        await Assert.ThrowsAsync<InvalidObjectKeyException>(() => Store.PutAsync(key, Stream.Null));
        await Assert.ThrowsAsync<InvalidObjectKeyException>(() => Store.DeleteAsync(key));
        Assert.Throws<InvalidObjectKeyException>(() => Store.GdalPath(key));
    }

    [Fact]
    public async Task Readers_never_see_a_mixture_of_two_puts()
    {
        var key = Prefix + "contended";
        await Store.PutAsync(key, Filled(0));
        using var stop = new CancellationTokenSource();
        var readers = Enumerable.Range(0, 3).Select(_ => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
                Assert.Single((await ReadWholeAsync(key)).Distinct());
        })).ToList();
        await Parallel.ForAsync(1, 40, new ParallelOptions { MaxDegreeOfParallelism = 3 }, async (i, _) => await Store.PutAsync(key, Filled((byte)i)));
        await stop.CancelAsync();
        await Task.WhenAll(readers);

        static byte[] Filled(byte value) => [.. Enumerable.Repeat(value, 100_000 + value * 1000)];
    }

    [Fact]
    public async Task GDAL_opens_an_object_by_its_name_and_options()
    {
        var key = Prefix + "grille été.asc";
        await Store.PutAsync(key, Encoding.ASCII.GetBytes("ncols 3\nnrows 2\nxllcorner 0\nyllcorner 0\ncellsize 1\n1 2 3\n4 5 6\n"));
        var start = new ProcessStartInfo("gdalinfo", ["-checksum", Store.GdalPath(key)]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in Store.GdalOptions)
            start.Environment[name] = value;
        using var gdal = Process.Start(start)!;
        var errors = gdal.StandardError.ReadToEndAsync();
        var output = await gdal.StandardOutput.ReadToEndAsync();
        Assert.True(output.Contains("Size is 3, 2"), output + await errors);
    }

    /// <summary>Bytes without a short period, so that a part put in the wrong place shows.</summary>
    protected static byte[] Bytes(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }

    protected async Task<byte[]> ReadWholeAsync(string key)
    {
        await using var stream = await Store.OpenReadAsync(key);
        using var memory = new MemoryStream();
        await stream.CopyToAsync(memory);
        return memory.ToArray();
    }

    private async Task<List<string>> KeysAsync(string prefix)
    {
        var keys = new List<string>();
        await foreach (var info in Store.ListAsync(Prefix + prefix))
            keys.Add(info.Key);
        return keys;
    }
}
