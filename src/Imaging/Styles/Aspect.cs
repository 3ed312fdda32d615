namespace Grid.Imaging.Styles;

/// <summary>
/// Where a slope faces (<c>exposition</c>), degrees clockwise from north, 0 to 360. Flatter ground than <paramref name="leastSlope"/> degrees has
/// <paramref name="flat"/>, for a palette to colour; without a palette it is not shown, and the circle is 256 greys.
/// </summary>
internal sealed class Aspect(TerrainGradient gradient, double leastSlope, double flat) : TerrainMeasure(gradient)
{
    private readonly float _least = (float)Math.Tan(double.DegreesToRadians(Math.Min(leastSlope, 89.999)));

    public override string Unit => "°";

    public override void Line(ReadOnlySpan<float> toEast, ReadOnlySpan<float> toNorth, Span<byte> mask, bool hasPalette, Span<float> measures)
    {
        for (var i = 0; i < measures.Length; i++)
        {
            float x = toEast[i], y = toNorth[i], steep = MathF.Sqrt((x * x) + (y * y));
            if (steep < _least || steep == 0)
            {
                measures[i] = (float)flat;
                if (!hasPalette)
                    mask[i] = 0;
                continue;
            }

            var facing = float.RadiansToDegrees(MathF.Atan2(-x, -y));
            measures[i] = facing < 0 ? facing + 360 : facing;
        }
    }

    public override float GreyOf(float measure) => measure * (255f / 360f);
}
