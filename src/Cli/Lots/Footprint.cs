namespace Grid.Cli.Lots;

/// <summary>The outline of a lot, like a department's: a blob in polar coordinates around the middle, with bays and capes.</summary>
internal sealed class Footprint
{
    private const int Directions = 4096;
    private const float MeanRadius = 0.9f;
    private readonly float[] _radius = new float[Directions + 1];
    private readonly double _middleEast, _middleNorth, _halfWidth, _halfHeight;

    /// <param name="west">Left edge of the lot, metres; likewise <paramref name="north"/> its upper edge.</param>
    internal Footprint(double west, double north, double widthMeters, double heightMeters, uint seed)
    {
        (_middleEast, _middleNorth) = (west + (widthMeters / 2), north - (heightMeters / 2));
        (_halfWidth, _halfHeight) = (widthMeters / 2, heightMeters / 2);
        for (var direction = 0; direction <= Directions; direction++)
        {
            var angle = 2 * Math.PI * (direction % Directions) / Directions;
            double radius = MeanRadius;
            for (var wave = 2; wave < 40; wave++)
            {
                var depth = (LatticeNoise.Unit(wave, 1, seed) - 0.5) / Math.Pow(wave, 1.1);
                radius *= 1 + (depth * Math.Sin((wave * angle) + (6.28 * LatticeNoise.Unit(wave, 2, seed))));
            }

            _radius[direction] = (float)radius;
        }
    }

    /// <summary>About how many metres a place is inside the outline, negative outside.</summary>
    internal float MetersInside(double east, double north)
    {
        double u = (east - _middleEast) / _halfWidth, v = (north - _middleNorth) / _halfHeight;
        var turn = (Math.Atan2(v, u) / (2 * Math.PI)) + 1;
        var direction = (turn - Math.Floor(turn)) * Directions;
        var below = (int)direction;
        var radius = _radius[below] + ((_radius[Math.Min(below + 1, Directions)] - _radius[below]) * (float)(direction - below));
        return (radius - (float)Math.Sqrt((u * u) + (v * v))) * (float)Math.Min(_halfWidth, _halfHeight);
    }
}
