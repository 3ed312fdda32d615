namespace Grid.Imaging.Styles;

/// <summary>What is shown of a surface's slopes: one number a pixel.</summary>
internal abstract class TerrainMeasure(TerrainGradient gradient)
{
    public TerrainGradient Gradient => gradient;

    /// <summary>
    /// Measures a line of slopes, metres up a metre towards east and north. Where the mask is 0 the slopes are unspecified, and so is what is written;
    /// a measure that says nothing of a pixel, for itself, sets its mask to 0.
    /// </summary>
    public abstract void Line(ReadOnlySpan<float> toEast, ReadOnlySpan<float> toNorth, Span<byte> mask, bool hasPalette, Span<float> measures);

    /// <summary>What follows a measure in text.</summary>
    public virtual string Unit => "";

    /// <summary>The grey that shows a measure without a palette, before rounding.</summary>
    public virtual float GreyOf(float measure) => measure;
}
