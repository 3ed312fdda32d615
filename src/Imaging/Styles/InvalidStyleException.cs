namespace Grid.Imaging.Styles;

/// <summary>A style file that breaks its form; the message names the key, its value and what is allowed.</summary>
public sealed class InvalidStyleException(string message, Exception? inner = null) : FormatException(message, inner);
