namespace Grid.Imaging.Styles;

/// <summary>
/// What turns the values of a layer into the pixels that are shown: a palette, a hillshade, a slope map. Stateless once made: one instance serves
/// any number of threads. The same window always gives the same bytes.
/// </summary>
public interface IRasterStyle
{
    /// <summary>Pixels of the window that the style needs around each pixel it makes: 0 for a palette, 1 for Horn's 3 × 3 gradients.</summary>
    int Margin { get; }

    /// <summary>
    /// What the style makes of pixels of a format: 1 channel is grey, 2 grey and alpha, 3 RGB, 4 RGB and alpha, not premultiplied. Null when the style
    /// does not take the format, for example a hillshade of RGB pictures; whoever publishes a layer refuses the style then.
    /// </summary>
    PixelFormat? OutputOf(PixelFormat input);

    /// <summary>
    /// Makes every pixel of <paramref name="output"/>: its samples, its mask (0 where nothing is to be shown, 255 elsewhere), then
    /// <see cref="Raster.IsFull"/>. Pixel (c, r) of the output is pixel (c + <see cref="Margin"/>, r + <see cref="Margin"/>) of the window.
    /// </summary>
    /// <param name="window">
    /// The values with the margin on each side; samples of pixels whose mask is 0 are unspecified, and never enter what is made. Pixels of the
    /// margin beyond the data have mask 0.
    /// </param>
    /// <param name="cellWidthMetres">Ground width of one pixel in metres, at the middle of the window.</param>
    /// <param name="cellHeightMetres">Ground height of one pixel in metres, likewise.</param>
    /// <param name="output">Of the format that <see cref="OutputOf"/> says, smaller than the window by the margins.</param>
    void Apply(Raster window, double cellWidthMetres, double cellHeightMetres, Raster output);
}

/// <summary>
/// The styles that a silo knows by identifier. The identifier is what a published layer names; <c>normal</c>, the values as they are, is none of them.
/// </summary>
public interface IRasterStyles
{
    /// <summary>The style, or null when there is none of that identifier. Answers from memory after the first time.</summary>
    /// <exception cref="InvalidDataException">The style's document is damaged; the message names it and the fault.</exception>
    ValueTask<IRasterStyle?> FindAsync(string identifier, CancellationToken cancellation);
}
