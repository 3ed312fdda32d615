namespace Grid.Storage.Tests;

public sealed class StorageOptionsTests
{
    [Fact]
    public void The_kind_decides_which_store_is_opened()
    {
        var folder = Directory.CreateTempSubdirectory("grid-store-").FullName;
        var store = ObjectStores.Open(new StorageOptions { Folder = folder });
        using (store as IDisposable)
            Assert.Equal(Path.Combine(folder, "a/b"), store.GdalPath("a/b"));
        Directory.Delete(folder, recursive: true);
        var s3 = ObjectStores.Open(new StorageOptions { Kind = StorageKind.S3, S3 = Good() });
        using var end = s3 as IDisposable;
        Assert.Equal("/vsis3/bucket/a/b", s3.GdalPath("a/b"));
        Assert.Equal("127.0.0.1:9000", s3.GdalOptions["AWS_S3_ENDPOINT"]);
        Assert.Equal("NO", s3.GdalOptions["AWS_HTTPS"]);
        Assert.Equal("FALSE", s3.GdalOptions["AWS_VIRTUAL_HOSTING"]);
    }

    [Theory]
    [InlineData("Bucket", "")]
    [InlineData("Bucket", "a/b")]
    [InlineData("Endpoint", "127.0.0.1:9000")]
    [InlineData("Endpoint", "ftp://127.0.0.1")]
    [InlineData("Endpoint", "http://user:word@127.0.0.1")]
    [InlineData("Region", "")]
    [InlineData("PartBytes", 1000)]
    [InlineData("PartsInFlight", 0)]
    [InlineData("TimeoutSeconds", 0)]
    [InlineData("Retries", -1)]
    public void An_impossible_setting_is_named(string name, object value)
    {
        var options = Good();
        typeof(S3Options).GetProperty(name)!.SetValue(options, value);
        var e = Assert.Throws<StorageOptionsException>(() => ObjectStores.Open(new StorageOptions { Kind = StorageKind.S3, S3 = options }));
        Assert.Contains("Grid:Storage:S3:" + name, e.Message);
        Assert.DoesNotContain("word", e.Message);
    }

    [Fact]
    public void A_folder_store_needs_its_folder()
    {
        Assert.Contains("Grid:Storage:Folder", Assert.Throws<StorageOptionsException>(() => ObjectStores.Open(new StorageOptions())).Message);
        var e = Assert.Throws<StorageOptionsException>(() => ObjectStores.Open(new StorageOptions { Folder = "/tmp", OpenFiles = 0 }));
        Assert.Contains("1 to 100000", e.Message);
    }

    private static S3Options Good() => new() { Endpoint = "http://127.0.0.1:9000", Bucket = "bucket", AccessKeyId = "key", SecretAccessKey = "secret" };
}
