using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using Xunit;

namespace Grid.Fixtures;

/// <summary>
/// A tab of a headless Chromium in a new, empty profile, driven by the Chrome DevTools Protocol. Keeps what the page complains about:
/// exceptions, console errors and violations of the Content-Security-Policy.
/// </summary>
public sealed class Browser : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly Process _process;
    private readonly string _profile;
    private readonly ClientWebSocket _socket = new();
    private readonly ConcurrentDictionary<int, TaskCompletionSource<JsonNode>> _calls = new();
    private readonly ConcurrentQueue<string> _complaints = new();
    private readonly SemaphoreSlim _sending = new(1, 1);
    private int _lastCall;

    private Browser(Process process, string profile)
    {
        _process = process;
        _profile = profile;
    }

    /// <summary>What the pages complained about since the start.</summary>
    public IReadOnlyCollection<string> Complaints => _complaints;

    /// <summary>Where Chromium is: <c>GRID_CHROMIUM</c>, else the usual names.</summary>
    public static string? Program { get; } = new[] { Environment.GetEnvironmentVariable("GRID_CHROMIUM"), "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome" }
        .FirstOrDefault(path => path is not null && File.Exists(path));

    public static async Task<Browser> StartAsync()
    {
        var profile = Directory.CreateTempSubdirectory("grid-chromium-").FullName;
        var start = new ProcessStartInfo(Program!)
        {
            ArgumentList =
            {
                "--headless", "--no-sandbox", "--disable-gpu", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
                "--disable-sync", "--disable-dev-shm-usage", "--window-size=1280,900", "--remote-debugging-port=0", $"--user-data-dir={profile}", "about:blank",
            },
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        var browser = new Browser(Process.Start(start)!, profile);
        try
        {
            await browser.ConnectAsync();
            return browser;
        }
        catch
        {
            await browser.DisposeAsync();
            throw;
        }
    }

    /// <summary>Opens a page and returns when its load event has fired.</summary>
    public async Task OpenAsync(Uri page)
    {
        // A new fragment alone would not load the page anew.
        await CallAsync("Page.navigate", new JsonObject { ["url"] = "about:blank" });
        await CallAsync("Page.navigate", new JsonObject { ["url"] = page.AbsoluteUri });
        await UntilAsync($"location.href.startsWith('http') && document.readyState === 'complete'");
    }

    /// <summary>Evaluates an expression in the page; a promise is awaited.</summary>
    public async Task<JsonNode?> EvaluateAsync(string expression)
    {
        var answer = await CallAsync("Runtime.evaluate", new JsonObject { ["expression"] = expression, ["awaitPromise"] = true, ["returnByValue"] = true });
        if (answer["exceptionDetails"] is { } failure)
            throw new InvalidOperationException($"{expression}: {failure["exception"]?["description"] ?? failure}");
        return answer["result"]?["value"];
    }

    /// <summary>Waits until an expression is true in the page; fails with the page's text after half a minute.</summary>
    public async Task UntilAsync(string condition)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                if ((await EvaluateAsync($"Boolean({condition})"))?.GetValue<bool>() == true)
                    return;
                await EvaluateAsync("new Promise(done => setTimeout(done, 50))");
            }
            catch (InvalidOperationException) when (clock.Elapsed < Limit)
            {
                // The page is being replaced, or what is looked at is not there yet.
            }

            if (clock.Elapsed > Limit)
            {
                throw new TimeoutException(
                    $"Never true: {condition}\nComplaints: {string.Join('\n', _complaints)}\nText of the page: {await EvaluateAsync("document.body.innerText")}");
            }
        }
    }

    /// <summary>Presses and releases a key that has a name, such as Tab or Enter.</summary>
    public async Task PressAsync(string key)
    {
        var code = key switch { "Tab" => 9, "Enter" => 13, _ => 0 };
        foreach (var type in (string[])["keyDown", "keyUp"])
        {
            var press = new JsonObject { ["type"] = type, ["key"] = key, ["code"] = key, ["windowsVirtualKeyCode"] = code };
            if (type == "keyDown" && key == "Enter")
                press["text"] = "\r";
            await CallAsync("Input.dispatchKeyEvent", press);
        }
    }

    /// <summary>Clicks with the left button.</summary>
    /// <param name="x">CSS pixels from the left of the window; likewise <paramref name="y"/> from its top.</param>
    public async Task ClickAsync(double x, double y)
    {
        foreach (var type in (string[])["mousePressed", "mouseReleased"])
            await CallAsync("Input.dispatchMouseEvent", new JsonObject { ["type"] = type, ["x"] = x, ["y"] = y, ["button"] = "left", ["clickCount"] = 1 });
    }

    /// <summary>Gives a file input files of this machine, as a user would by its dialog.</summary>
    public async Task ChooseFilesAsync(string selector, IEnumerable<string> files)
    {
        var found = await CallAsync("Runtime.evaluate", new JsonObject { ["expression"] = $"document.querySelector({JsonSerializer.Serialize(selector)})" });
        await CallAsync("DOM.setFileInputFiles", new JsonObject
        {
            ["objectId"] = found["result"]?["objectId"]?.DeepClone() ?? throw new InvalidOperationException($"There is no {selector}."),
            ["files"] = new JsonArray([.. files.Select(file => (JsonNode)file)]),
        });
    }

    /// <summary>Takes a picture of the window (PNG).</summary>
    public async Task<byte[]> PictureAsync() => Convert.FromBase64String((string)(await CallAsync("Page.captureScreenshot", []))["data"]!);

    public async ValueTask DisposeAsync()
    {
        _socket.Dispose();
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
        _sending.Dispose();
        try
        {
            Directory.Delete(_profile, recursive: true);
        }
        catch (IOException)
        {
            // A child of the browser may still write its last lines there; the folder is a temporary one.
        }
    }

    private async Task ConnectAsync()
    {
        // The first line of this kind says where the browser listens: "DevTools listening on ws://127.0.0.1:…/devtools/browser/…".
        using var limit = new CancellationTokenSource(Limit);
        string? line;
        do
            line = await _process.StandardError.ReadLineAsync(limit.Token) ?? throw new InvalidOperationException("Chromium ended at once.");
        while (!line.StartsWith("DevTools listening on ", StringComparison.Ordinal));
        _ = _process.StandardError.BaseStream.CopyToAsync(Stream.Null, CancellationToken.None);
        _ = _process.StandardOutput.BaseStream.CopyToAsync(Stream.Null, CancellationToken.None);
        var address = new Uri(line["DevTools listening on ".Length..]);
        using var http = new HttpClient();
        var targets = JsonNode.Parse(await http.GetStringAsync($"http://127.0.0.1:{address.Port}/json", limit.Token))!.AsArray();
        var page = targets.First(target => (string?)target!["type"] == "page")!;
        await _socket.ConnectAsync(new Uri((string)page["webSocketDebuggerUrl"]!), limit.Token);
        _ = Task.Run(ReceiveAsync, CancellationToken.None);
        foreach (var domain in (string[])["Page", "Runtime", "Log"])
            await CallAsync($"{domain}.enable", []);
    }

    private async Task<JsonNode> CallAsync(string method, JsonObject parameters)
    {
        var id = Interlocked.Increment(ref _lastCall);
        var answer = _calls[id] = new TaskCompletionSource<JsonNode>(TaskCreationOptions.RunContinuationsAsynchronously);
        var text = JsonSerializer.SerializeToUtf8Bytes(new JsonObject { ["id"] = id, ["method"] = method, ["params"] = parameters });
        await _sending.WaitAsync();
        try
        {
            await _socket.SendAsync(text, WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
        }
        finally
        {
            _sending.Release();
        }

        return await answer.Task.WaitAsync(Limit);
    }

    private async Task ReceiveAsync()
    {
        var buffer = new byte[1 << 16];
        var message = new MemoryStream();
        try
        {
            while (true)
            {
                var part = await _socket.ReceiveAsync(buffer, CancellationToken.None);
                message.Write(buffer, 0, part.Count);
                if (!part.EndOfMessage)
                    continue;
                Take(JsonNode.Parse(message.ToArray())!);
                message.SetLength(0);
            }
        }
        catch (Exception closed) when (closed is WebSocketException or ObjectDisposedException or OperationCanceledException or JsonException)
        {
            foreach (var call in _calls.Values)
                call.TrySetException(new InvalidOperationException("The browser is gone."));
        }
    }

    private void Take(JsonNode message)
    {
        if (message["id"] is { } id)
        {
            if (_calls.TryRemove((int)id, out var call))
            {
                if (message["error"] is { } error)
                    call.TrySetException(new InvalidOperationException(error.ToJsonString()));
                else
                    call.TrySetResult(message["result"]!);
            }
        }
        else if ((string?)message["method"] == "Runtime.exceptionThrown")
        {
            _complaints.Enqueue(message["params"]!["exceptionDetails"]!.ToJsonString());
        }
        else if ((string?)message["method"] == "Log.entryAdded" && (string?)message["params"]!["entry"]!["level"] == "error")
        {
            _complaints.Enqueue($"{message["params"]!["entry"]!["text"]} {message["params"]!["entry"]!["url"]}");
        }
    }
}

/// <summary>A fact that needs Chromium: skipped at a desk that lacks it, run (and so failed) where <c>CI</c> is set.</summary>
public sealed class BrowserFactAttribute : FactAttribute
{
    public BrowserFactAttribute()
    {
        if (Browser.Program is null && Environment.GetEnvironmentVariable("CI") is null)
            Skip = "needs Chromium: install it or set GRID_CHROMIUM";
    }
}
