namespace Grid.Imaging.Styles;

/// <summary>Steepness (<c>pente</c>) in degrees or per cent, at most <paramref name="most"/>.</summary>
internal sealed class Slope(TerrainGradient gradient, bool inPerCent, double most) : TerrainMeasure(gradient)
{
    public override string Unit => inPerCent ? "%" : "°";

    public override void Line(ReadOnlySpan<float> toEast, ReadOnlySpan<float> toNorth, Span<byte> mask, bool hasPalette, Span<float> measures)
    {
        var limit = (float)most;
        for (var i = 0; i < measures.Length; i++)
        {
            var steep = MathF.Sqrt((toEast[i] * toEast[i]) + (toNorth[i] * toNorth[i]));
            measures[i] = Math.Min(inPerCent ? steep * 100 : float.RadiansToDegrees(MathF.Atan(steep)), limit);
        }
    }
}
