using Grid.Cli.Api;
using Grid.Cli.Producer;

namespace Grid.Cli.Demo;

/// <summary>
/// Names of demonstrations: each run on the same data takes the next free number, so that it builds anew and older layers stay.
/// </summary>
public static class DemoName
{
    /// <summary>The first of <c>demo-LOT</c>, <c>demo-LOT-2</c>… that no layer has and no finished upload.</summary>
    public static async Task<string> FreeAsync(EntrepotClient api, string datastore, string lot, CancellationToken cancellation)
    {
        for (var number = 1; ; number++)
        {
            var name = PublishStep.LayerName($"demo-{lot}{(number == 1 ? "" : $"-{number}")}", null);
            var layers = await api.ListAsync($"datastores/{datastore}/configurations?layer_name={Uri.EscapeDataString(name)}", cancellation);
            if (layers.Count > 0)
                continue;
            // An upload that an interrupted run left open is taken up again.
            var uploads = await api.ListAsync($"datastores/{datastore}/uploads?name={Uri.EscapeDataString(name)}", cancellation);
            if (uploads.All(upload => (string?)upload?["status"] is "OPEN" or "DELETED"))
                return name;
        }
    }
}
