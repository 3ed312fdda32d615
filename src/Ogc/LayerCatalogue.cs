using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using Grid.Tiling;

namespace Grid.Ogc;

/// <summary>
/// The layers served at one moment. Immutable: when a layer is published, changed or withdrawn, the host builds another catalogue with a higher
/// <see cref="UpdateSequence"/> and swaps the reference, so a request sees one consistent state.
/// </summary>
public sealed class LayerCatalogue
{
    private readonly FrozenDictionary<string, ServedLayer> _layers;
    private readonly FrozenDictionary<string, ServedLayer>.AlternateLookup<ReadOnlySpan<char>> _layersBySpan;
    private readonly FrozenDictionary<string, IReadOnlyList<ServedLayer>> _harmonised;

    /// <param name="layers">In any order; names are unique.</param>
    /// <param name="updateSequence">Grows with every change, also across restarts.</param>
    public LayerCatalogue(IEnumerable<ServedLayer> layers, long updateSequence)
    {
        Layers = [.. layers.OrderBy(layer => layer.Name, StringComparer.Ordinal)];
        UpdateSequence = updateSequence;
        _harmonised = Layers.Where(layer => layer.HarmonisedName is not null).GroupBy(layer => layer.HarmonisedName!, StringComparer.Ordinal)
            .ToFrozenDictionary(group => group.Key, IReadOnlyList<ServedLayer> (group) => [.. group], StringComparer.Ordinal);
        // A layer's own name goes before what INSPIRE calls another.
        _layers = Layers.Select(layer => (Name: layer.Name, Layer: layer)).Concat(Layers.Select(layer => (Name: InspireNameOf(layer), Layer: layer)))
            .DistinctBy(named => named.Name, StringComparer.Ordinal).ToFrozenDictionary(named => named.Name, named => named.Layer, StringComparer.Ordinal);
        _layersBySpan = _layers.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    public static LayerCatalogue Empty { get; } = new([], 0);

    /// <summary>In ordinal order of names.</summary>
    public IReadOnlyList<ServedLayer> Layers { get; }

    public long UpdateSequence { get; }

    /// <summary>
    /// A layer's name in INSPIRE's documents, by which it is found too: the harmonised name; of several layers that have it, with the own name behind it.
    /// </summary>
    public string InspireNameOf(ServedLayer layer) =>
        layer.HarmonisedName is not { } name || name == layer.Name ? layer.Name : _harmonised[name].Count == 1 ? name : $"{name}.{layer.Name}";

    /// <summary>The layers that a map of a name shows, the lowest first: one, or several that share a harmonised name; none when there is no such layer.</summary>
    public IReadOnlyList<ServedLayer> FindAll(string name) =>
        _harmonised.TryGetValue(name, out var several) && several.Count > 1 && several.All(layer => layer.Name != name) ? several
        : TryFind(name, out var layer) ? [layer] : [];

    public bool TryFind(ReadOnlySpan<char> name, [NotNullWhen(true)] out ServedLayer? layer) => _layersBySpan.TryGetValue(name, out layer);

    /// <summary>Every set that a layer refers to, whole and restricted, each once, in ordinal order of names.</summary>
    public IEnumerable<TileMatrixSet> TileMatrixSets => Layers
        .SelectMany(layer => layer.ExtraSets.SelectMany(extra => new[] { extra.Set, extra.Restricted.ToTileMatrixSet() }).Concat([layer.Set, layer.RestrictedSet]))
        .DistinctBy(set => set.Id)
        .OrderBy(set => set.Id, StringComparer.Ordinal);
}
