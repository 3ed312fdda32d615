namespace Grid.Cli.Lots;

/// <summary>What lies at one place: distances that pixels interpolate, and the parcel that they share.</summary>
internal struct Ground
{
    /// <summary>Metres to the border of the parcel.</summary>
    internal float Edge;

    /// <summary>Metres to the nearest carriageway, negative on it.</summary>
    internal float Road;

    /// <summary>Above 0 in a wood.</summary>
    internal float Wood;

    /// <summary>Above 0 in water.</summary>
    internal float Water;

    /// <summary>Light that the relief gives, about 1.</summary>
    internal float Shade;

    /// <summary>Grey levels of the soil's patches.</summary>
    internal float Patches;

    /// <summary>Tree crowns: about -0.75 to 0.75.</summary>
    internal float Crown;

    /// <summary>Metres inside the footprint, negative outside.</summary>
    internal float Inside;

    internal float Red, Green, Blue;

    /// <summary>Crop rows: turns of a wave per metre east and north, and its grey levels.</summary>
    internal float RowsEast, RowsNorth, RowsContrast;

    /// <summary>Half the width of the hedge around the parcel, in metres.</summary>
    internal float Hedge;

    internal bool IsVillage;
}

/// <summary>
/// A countryside without end as a pure function of (seed, easting, northing): parcels (wavy Voronoi cells), woods, ponds, roads, villages.
/// Nothing depends on dalles, so they join without a seam.
/// </summary>
internal sealed class Landscape(uint seed)
{
    private const double ParcelMeters = 130;
    private const double ParcelElongation = 1.7;
    private const double RoadsEvery = 900;

    // Mean colour, contrast and spacing (metres) of crop rows.
    private static readonly (float Red, float Green, float Blue, float Contrast, float Step)[] Covers =
    [
        (98, 118, 76, 5, 2.5f), (124, 140, 92, 7, 3f), (144, 124, 102, 9, 1.8f), (186, 172, 132, 8, 4f),
        (108, 126, 82, 0, 1f), (140, 136, 106, 0, 1f), (196, 178, 128, 6, 5f), (130, 126, 96, 15, 2.2f),
    ];

    private readonly uint _seed = seed * 64;

    /// <summary>Everything at a place but its roads and its footprint.</summary>
    internal Ground At(double east, double north)
    {
        var ground = default(Ground);
        ground.Shade = ShadeAt(east, north);
        ground.Crown = Noise(east, north, 4.6, 13) + (0.5f * Noise(east, north, 1.7, 14)) - 0.75f;
        ground.Patches = (46 * (Noise(east, north, 35, 15) - 0.5f)) + (22 * (Noise(east, north, 3, 16) - 0.5f));
        ground.Wood = (Noise(east, north, 1500, 9) + (0.12f * Noise(east, north, 70, 10)) - 0.74f) * 400;
        ground.Water = (0.09f - Noise(east, north, 1100, 17)) * 600;
        ground.IsVillage = Noise(east, north, 800, 18) > 0.74f && ground.Water < -4;
        AddParcel(east, north, ref ground);
        return ground;
    }

    /// <summary>Easting of the axis of the north-south road <paramref name="number"/> at a northing, and half its width.</summary>
    internal (double Axis, float HalfWidth) RoadAt(int number, double along, bool isNorthSouth)
    {
        var side = isNorthSouth ? 5u : 6u;
        float Random(int n) => LatticeNoise.Unit(number, n, _seed + side);
        var axis = (RoadsEvery * (number + (0.3 * Random(0)))) + (260 * Random(2) * Math.Sin((along / 700) + (6.28 * Random(1))));
        var width = Random(3);
        return (axis, 2.2f + (3.5f * width * width));
    }

    /// <summary>Numbers of the roads that may come near a stretch of the other axis.</summary>
    internal static (int First, int Last) RoadsNear(double from, double to) =>
        ((int)Math.Floor((from - 600) / RoadsEvery), (int)Math.Ceiling((to + 600) / RoadsEvery));

    private float ShadeAt(double east, double north)
    {
        const double Step = 4;
        float here = 0, beside = 0;
        foreach (var (period, stream) in new[] { (2400.0, 20u), (900.0, 21u), (260.0, 22u) })
        {
            here += Noise(east, north, period, stream) * (float)(period * 0.14);
            beside += Noise(east + Step, north + Step, period, stream) * (float)(period * 0.14);
        }

        return 1 + Math.Clamp((beside - here) * (0.4f / (float)Step), -0.3f, 0.3f);
    }

    private void AddParcel(double east, double north, ref Ground ground)
    {
        // Wavy borders, in a frame that is not aligned on north.
        var x = east + (30 * (Noise(east, north, 180, 1) - 0.5));
        var y = north + (30 * (Noise(east, north, 180, 2) - 0.5));
        double u = ((0.94 * x) + (0.34 * y)) / ParcelMeters, v = ((0.94 * y) - (0.34 * x)) / (ParcelMeters * ParcelElongation);
        int col = (int)Math.Floor(u), row = (int)Math.Floor(v), nearCol = col, nearRow = row;
        float fu = (float)(u - col), fv = (float)(v - row), nearest = 9, second = 9;
        for (var j = -1; j <= 1; j++)
        {
            for (var i = -1; i <= 1; i++)
            {
                var bits = LatticeNoise.Hash(col + i, row + j, _seed + 3);
                float du = ((bits & 0xFFFF) * (0.8f / 65536)) + 0.1f + i - fu, dv = ((bits >> 16) * (0.8f / 65536)) + 0.1f + j - fv;
                var distance = (du * du) + (dv * dv);
                if (distance < nearest)
                    (second, nearest, nearCol, nearRow) = (nearest, distance, col + i, row + j);
                else if (distance < second)
                    second = distance;
            }
        }

        ground.Edge = (MathF.Sqrt(second) - MathF.Sqrt(nearest)) * (float)ParcelMeters * 0.8f;
        var dice = LatticeNoise.Hash(nearCol, nearRow, _seed + 7);
        var cover = (dice & 0xFF) > 247 ? Covers[7] : Covers[(int)(((dice >> 8) & 0xFF) * 7 / 256)];
        var light = 0.88f + (((dice >> 16) & 0xFF) * (0.24f / 256));
        (ground.Red, ground.Green, ground.Blue) = (cover.Red * light, cover.Green * light, cover.Blue * light);
        var (sine, cosine) = MathF.SinCos(((dice >> 24) & 0xFF) * (MathF.PI / 256));
        (ground.RowsEast, ground.RowsNorth, ground.RowsContrast) = (cosine / cover.Step, sine / cover.Step, cover.Contrast);
        ground.Hedge = (dice & 0x3) == 0 ? 2.6f : (dice & 0x3) == 1 ? 0.5f : 1.3f;
    }

    private float Noise(double east, double north, double period, uint stream) => LatticeNoise.Smooth(east, north, period, _seed + stream);
}
