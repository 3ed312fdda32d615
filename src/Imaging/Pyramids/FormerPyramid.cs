namespace Grid.Imaging.Pyramids;

/// <summary>
/// The pyramid that an update begins from. A tile that the update leaves alone keeps its stored bytes; one that it touches is decoded only for the
/// pixels that nothing new covers, and a parent takes its untouched children from their stored tiles. So compression with loss costs a tile no
/// generation that it could be spared, and no tile is ever made from itself but at the edge of what is new.
/// </summary>
/// <param name="Read">Reads its slabs and, where the pyramid stores them, mask slabs. It has the format of the pyramid that is built.</param>
/// <param name="Area">
/// What may change, in the set's CRS: inside, the former pixels are taken away and only what is new is left; outside, nothing new is taken. Null: what
/// is new covers what was there wherever it has data.
/// </param>
public sealed record FormerPyramid(StoredSlabRead Read, PixelArea? Area = null);
