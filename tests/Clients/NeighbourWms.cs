using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Grid.Fixtures;

namespace Grid.Clients.Tests;

/// <summary>Another server's WMS, as far as a layer asks it what is at a place: it says what it was asked, as a GeoJSON feature, or misbehaves.</summary>
internal sealed class NeighbourWms : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly Task _answering;

    public NeighbourWms()
    {
        _listener.Prefixes.Add(Address);
        _listener.Start();
        _answering = AnswerAsync();
    }

    public string Address { get; } = $"http://127.0.0.1:{RunningGrid.FreePort()}/";

    public void Dispose()
    {
        _listener.Close();
        _answering.GetAwaiter().GetResult();
    }

    private async Task AnswerAsync()
    {
        while (true)
        {
            HttpListenerContext asked;
            try
            {
                asked = await _listener.GetContextAsync();
            }
            catch (Exception) when (!_listener.IsListening)
            {
                return;
            }

            var response = asked.Response;
            response.ContentType = "application/json";
            switch (asked.Request.Url!.AbsolutePath)
            {
                case "/elsewhere":
                    response.Redirect("http://127.0.0.1:1/");
                    break;
                case "/endless":
                    await WriteAsync(response, new byte[2 << 20]);
                    break;
                case "/program":
                    response.ContentType = "application/octet-stream";
                    break;
                default:
                    var query = asked.Request.QueryString;
                    var properties = new JsonObject();
                    foreach (var name in query.AllKeys.OfType<string>())
                        properties[name] = query[name];
                    var feature = new JsonObject { ["type"] = "Feature", ["geometry"] = null, ["properties"] = properties };
                    await WriteAsync(response, Encoding.UTF8.GetBytes(new JsonObject { ["type"] = "FeatureCollection", ["features"] = new JsonArray(feature) }.ToJsonString()));
                    break;
            }

            try
            {
                response.Close();
            }
            catch (Exception gone) when (gone is HttpListenerException or ObjectDisposedException or InvalidOperationException)
            {
                // The client had enough.
            }
        }
    }

    private static async Task WriteAsync(HttpListenerResponse response, byte[] body)
    {
        try
        {
            response.ContentLength64 = body.Length;
            await response.OutputStream.WriteAsync(body);
        }
        catch (HttpListenerException)
        {
            // Likewise.
        }
    }
}
