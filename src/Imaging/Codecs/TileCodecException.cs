namespace Grid.Imaging.Codecs;

/// <summary>A tile that cannot be encoded or decoded; the message says which codec and why.</summary>
public sealed class TileCodecException(string codec, string reason, Exception? inner = null) : Exception($"{codec}: {reason}", inner);
