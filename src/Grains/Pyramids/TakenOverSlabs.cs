using Grid.Imaging.Pyramids;
using Grid.Interfaces.Pyramids;
using Grid.Storage;
using Grid.Tiling;

namespace Grid.Grains.Pyramids;

/// <summary>
/// Gives an updated pyramid the slabs that the update does not touch, line by line of the former pyramid's list. They are names of the same bytes, not
/// references to the former pyramid (ROK4's symbolic links and <c>SYMLINK#</c> objects): each version is whole by itself, so that a former one can be
/// removed while the next is served. Every step can be repeated.
/// </summary>
internal sealed class TakenOverSlabs(IObjectStore store, PyramidBuildOrder order, PyramidPlan plan) : IDisposable
{
    /// <summary>Lines of one step.</summary>
    private const int Step = 1000;

    private readonly string _target = $"{order.StoragePrefix}/{order.PyramidName}";
    private TextReader? _text;
    private IEnumerator<PyramidListEntry>? _slabs;
    private IReadOnlyDictionary<int, string> _roots = new Dictionary<int, string>();
    private long _line;

    /// <summary>Takes over some slabs from line <paramref name="from"/> on (0 is the first slab's).</summary>
    /// <returns>The line to go on from, -1 when the list is at its end, and the slabs taken over.</returns>
    public async Task<(long Line, int Slabs)> TakeSomeAsync(long from, CancellationToken cancellation)
    {
        if (_slabs is null || _line != from)
            await OpenAsync(from, cancellation);
        var links = new List<ObjectLink>(Step);
        var lines = 0;
        // The list is read off the grain's scheduler: it may come over the network.
        var isEnd = await Task.Run(
            () =>
            {
                while (lines < Step && _slabs!.MoveNext())
                {
                    lines++;
                    var entry = _slabs.Current;
                    if (!IsTouched(entry.Path))
                        links.Add(new ObjectLink($"{_roots[entry.Root]}/{entry.Path}", $"{_target}/{entry.Path}"));
                }

                return lines < Step;
            }, cancellation);
        await store.LinkAsync(links, cancellation);
        _line = from + lines;
        return (isEnd ? -1 : _line, links.Count);
    }

    public void Dispose()
    {
        _slabs?.Dispose();
        _text?.Dispose();
        _slabs = null;
    }

    private bool IsTouched(string path) =>
        (SlabNaming.TryParseFileKey(path, out _, out var slab) || SlabNaming.TryParseObjectKey(path, out _, out slab)) && plan.Contains(slab);

    private async Task OpenAsync(long line, CancellationToken cancellation)
    {
        Dispose();
        var former = order.Former!;
        _text = new StreamReader(await store.OpenReadAsync($"{former.StoragePrefix}/{former.PyramidName}.list", cancellation));
        await Task.Run(
            () =>
            {
                (_roots, var slabs) = PyramidList.Read(_text);
                _slabs = slabs.GetEnumerator();
                for (_line = 0; _line < line && _slabs.MoveNext();)
                    _line++;
            }, cancellation);
    }
}
