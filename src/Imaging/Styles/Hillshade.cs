using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Grid.Imaging.Styles;

/// <summary>
/// Light on a surface (<c>estompage</c>), 0 to 255: the cosine between the light and the surface's normal, 0 in the shade. Several lights are
/// weighted at each pixel by how far the slope runs along each (Mark 1992, USGS open-file report 92-422; <c>gdaldem hillshade -multidirectional</c>
/// has 225°, 270°, 315° and 360°).
/// </summary>
internal sealed class Hillshade : TerrainMeasure
{
    private readonly (float East, float North)[] _lights;
    private readonly float _fromAbove;
    private readonly float _level;
    private readonly float _zFactor;

    /// <param name="azimuths">Where each light comes from, degrees clockwise from north.</param>
    /// <param name="altitude">Degrees of the lights over the horizon: what ROK4's files call <c>zenith</c>.</param>
    /// <param name="zFactor">What heights are multiplied by.</param>
    public Hillshade(IReadOnlyList<double> azimuths, double altitude, double zFactor)
        : base(TerrainGradient.Horn)
    {
        _lights = [.. azimuths.Select(azimuth => double.DegreesToRadians(azimuth)).Select(angle => ((float)Math.Sin(angle), (float)Math.Cos(angle)))];
        _fromAbove = (float)Math.Sin(double.DegreesToRadians(altitude));
        _level = (float)Math.Cos(double.DegreesToRadians(altitude));
        _zFactor = (float)zFactor;
    }

    public override void Line(ReadOnlySpan<float> toEast, ReadOnlySpan<float> toNorth, Span<byte> mask, bool hasPalette, Span<float> measures)
    {
        var i = 0;
        if (Vector256.IsHardwareAccelerated && _lights.Length == 1)
        {
            ref var east = ref MemoryMarshal.GetReference(toEast);
            ref var north = ref MemoryMarshal.GetReference(toNorth);
            var (lightEast, lightNorth) = (Vector256.Create(_lights[0].East * _level), Vector256.Create(_lights[0].North * _level));
            Vector256<float> above = Vector256.Create(_fromAbove), z = Vector256.Create(_zFactor);
            for (; i + Vector256<float>.Count <= measures.Length; i += Vector256<float>.Count)
            {
                var x = Vector256.LoadUnsafe(ref east, (nuint)i) * z;
                var y = Vector256.LoadUnsafe(ref north, (nuint)i) * z;
                var lit = (above - (x * lightEast)) - (y * lightNorth);
                var length = Vector256.Sqrt(((x * x) + (y * y)) + Vector256<float>.One);
                (Vector256.Max(lit, Vector256<float>.Zero) * Vector256.Create(255f) / length).CopyTo(measures[i..]);
            }
        }

        for (; i < measures.Length; i++)
            measures[i] = At(toEast[i] * _zFactor, toNorth[i] * _zFactor);
    }

    private float At(float x, float y)
    {
        var steep = (x * x) + (y * y);
        var length = MathF.Sqrt(steep + 1);
        if (_lights.Length == 1)
            return Math.Max(_fromAbove - (x * (_lights[0].East * _level)) - (y * (_lights[0].North * _level)), 0) * 255f / length;
        if (steep == 0)
            return _fromAbove * 255f;
        float sum = 0, weights = 0;
        foreach (var (east, north) in _lights)
        {
            var along = (x * east) + (y * north);
            var weight = along * along;
            weights += weight;
            sum += weight * Math.Max(_fromAbove - (along * _level), 0);
        }

        return weights == 0 ? _fromAbove * 255f / length : sum / weights * 255f / length;
    }
}
