using Grid.Grains.Catalogue;
using Microsoft.Extensions.DependencyInjection;

namespace Grid.Frontend.Tests.Publication;

[Collection("publication")]
public sealed class ExecutionLogTests(PublicationHost host)
{
    [Fact]
    public async Task Lines_are_appended_once_by_calls_that_flush_at_once()
    {
        var execution = Guid.NewGuid();
        var log = new ExecutionLog(host.Services.GetRequiredService<CatalogueStore>(), execution, "test");
        for (var line = 0; line < 100; line++)
            log.Info($"line {line}");
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => log.FlushAsync())));
        Assert.Equal(100, await host.ScalarAsync<long>("select count(*) from catalogue.log_line where execution = @execution", ("execution", execution)));
    }
}
