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

    /// <param name="layers">In any order; names are unique.</param>
    /// <param name="updateSequence">Grows with every change, also across restarts.</param>
    public LayerCatalogue(IEnumerable<ServedLayer> layers, long updateSequence)
    {
        Layers = [.. layers.OrderBy(layer => layer.Name, StringComparer.Ordinal)];
        UpdateSequence = updateSequence;
        _layers = Layers.ToFrozenDictionary(layer => layer.Name, StringComparer.Ordinal);
        _layersBySpan = _layers.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    public static LayerCatalogue Empty { get; } = new([], 0);

    /// <summary>In ordinal order of names.</summary>
    public IReadOnlyList<ServedLayer> Layers { get; }

    public long UpdateSequence { get; }

    public bool TryFind(ReadOnlySpan<char> name, [NotNullWhen(true)] out ServedLayer? layer) => _layersBySpan.TryGetValue(name, out layer);

    /// <summary>Every set that a layer refers to, whole and restricted, each once, in ordinal order of names.</summary>
    public IEnumerable<TileMatrixSet> TileMatrixSets => Layers
        .SelectMany(layer => layer.ExtraSets.SelectMany(extra => new[] { extra.Set, extra.Restricted.ToTileMatrixSet() }).Concat([layer.Set, layer.RestrictedSet]))
        .DistinctBy(set => set.Id)
        .OrderBy(set => set.Id, StringComparer.Ordinal);
}
