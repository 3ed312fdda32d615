namespace Grid.Cli.Lots.Lidar;

/// <summary>
/// Ground and what stands on it, as a pure function of (seed, place): relief, a river and ponds, woods and single trees, villages, roads, a bridge where a road
/// crosses a river. Heights and places in metres.
/// </summary>
internal sealed class LidarScene(uint seed)
{
    /// <summary>Height of all standing water.</summary>
    internal const float WaterLevel = 40;

    /// <summary>Height of the bridges' decks.</summary>
    internal const float DeckLevel = 45;

    private const double RiversEvery = 3000, RoadsEvery = 1000, TreesEvery = 6, BuildingsEvery = 26;
    private readonly uint _seed = seed * 64;

    /// <summary>Height of the bare ground, under water too.</summary>
    internal float GroundAt(double x, double y)
    {
        var height = 52 + (90 * (Noise(x, y, 2400, 1) - 0.5f)) + (26 * (Noise(x, y, 900, 2) - 0.5f)) + (8 * (Noise(x, y, 260, 3) - 0.5f))
            + (1.4f * (Noise(x, y, 60, 4) - 0.5f)) + (0.14f * (Noise(x, y, 6, 5) - 0.5f));
        var bank = WaterLevel - 1.5f + (0.3f * (float)Math.Max(0, RiverDistance(x, y) - 14));
        height = Math.Min(height, bank + 12);
        return bank < height ? bank + ((height - bank) * Math.Clamp((bank - WaterLevel - 2) / 20, 0, 1)) : height;
    }

    /// <summary>Metres to the axis of the nearest river.</summary>
    internal static double RiverDistance(double x, double y)
    {
        var axis = x - 2150 - (40 * Math.Sin(y / 400));
        return Math.Abs(axis - (Math.Round(axis / RiversEvery) * RiversEvery));
    }

    /// <summary>Metres to the axis of the nearest road.</summary>
    internal static double RoadDistance(double y) => Math.Abs(y - 850 - (Math.Round((y - 850) / RoadsEvery) * RoadsEvery));

    /// <summary>True on the deck of a bridge, where the ground is well below it.</summary>
    internal static bool IsBridge(double x, double y, float ground) => RoadDistance(y) < 4 && RiverDistance(x, y) < 40 && ground < DeckLevel - 0.5f;

    internal bool IsVillage(double x, double y)
    {
        double road = RoadDistance(y), river = RiverDistance(x, y);
        return (road < 160 && river is > 45 and < 280) || Noise(x, y, 800, 6) > 0.74f;
    }

    internal bool IsWood(double x, double y) => Noise(x, y, 420, 7) > 0.56f && !IsVillage(x, y) && RoadDistance(y) > 12;

    /// <summary>Height of the tree tops above the ground: 0 between trees, up to 24.</summary>
    internal float CanopyAt(double x, double y)
    {
        int column = (int)Math.Floor(x / TreesEvery), row = (int)Math.Floor(y / TreesEvery);
        float highest = 0;
        for (var j = row - 1; j <= row + 1; j++)
        {
            for (var i = column - 1; i <= column + 1; i++)
            {
                var dice = LatticeNoise.Hash(i, j, _seed + 8);
                double treeX = (i + 0.15 + ((dice & 0xFF) * (0.7 / 256))) * TreesEvery, treeY = (j + 0.15 + (((dice >> 8) & 0xFF) * (0.7 / 256))) * TreesEvery;
                var likely = IsWood(treeX, treeY) ? 200u : IsVillage(treeX, treeY) ? 24u : 6u;
                if (((dice >> 16) & 0xFF) >= likely || RoadDistance(treeY) < 6)
                    continue;
                float height = 7 + ((dice >> 24) * (17f / 256)), radius = 1.8f + (height * 0.09f);
                var square = (float)(((x - treeX) * (x - treeX)) + ((y - treeY) * (y - treeY))) / (radius * radius);
                if (square < 1)
                    highest = Math.Max(highest, height * MathF.Sqrt(1 - (0.8f * square)));
            }
        }

        return highest;
    }

    /// <summary>Height of the undergrowth above the ground: crops and grass below 0.5, hedges to 1.5, 0 where there is none.</summary>
    internal float UndergrowthAt(double x, double y)
    {
        if (Math.Abs(Noise(x, y, 130, 9) - 0.5f) < 0.012f && RoadDistance(y) > 6)
            return 0.7f + (0.8f * Noise(x, y, 3, 10));
        var crop = Noise(x, y, 240, 11);
        return crop > 0.5f ? 0.45f * Noise(x, y, 1.5, 12) : 0;
    }

    /// <summary>Height of the roof at a place; 0 where there is no building.</summary>
    internal float RoofAt(double x, double y)
    {
        int column = (int)Math.Floor(x / BuildingsEvery), row = (int)Math.Floor(y / BuildingsEvery);
        var dice = LatticeNoise.Hash(column, row, _seed + 13);
        if ((dice & 0xFF) > 180)
            return 0;
        double middleX = (column + 0.5) * BuildingsEvery, middleY = (row + 0.5) * BuildingsEvery;
        if (!IsVillage(middleX, middleY) || RoadDistance(middleY) < 18 || RiverDistance(middleX, middleY) < 40)
            return 0;
        var (sine, cosine) = Math.SinCos(((dice >> 8) & 0xFF) * (Math.PI / 256));
        double u = ((x - middleX) * cosine) + ((y - middleY) * sine), v = ((y - middleY) * cosine) - ((x - middleX) * sine);
        double halfLength = 5 + (((dice >> 16) & 0xF) * 0.25), halfWidth = 3.5 + (((dice >> 20) & 0xF) * 0.15);
        if (Math.Abs(u) > halfLength || Math.Abs(v) > halfWidth)
            return 0;
        var ground = GroundAt(middleX, middleY);
        return ground < WaterLevel + 0.5f ? 0 : ground + 3 + ((dice >> 24) * (6f / 256)) + (float)((halfWidth - Math.Abs(v)) * 0.55);
    }

    private float Noise(double x, double y, double period, uint stream) => LatticeNoise.Smooth(x, y, period, _seed + stream);
}

/// <summary>The parts of a scene that vary slowly, on a grid of 1 m over a rectangle: asking the scene at each pulse would take most of the time.</summary>
internal sealed class SceneWindow
{
    private readonly int _west, _south, _columns;
    private readonly float[] _ground, _canopy, _undergrowth;

    internal SceneWindow(LidarScene scene, double west, double south, double east, double north)
    {
        (_west, _south) = ((int)Math.Floor(west), (int)Math.Floor(south));
        _columns = (int)Math.Ceiling(east) - _west + 2;
        var rows = (int)Math.Ceiling(north) - _south + 2;
        (_ground, _canopy, _undergrowth) = (new float[_columns * rows], new float[_columns * rows], new float[_columns * rows]);
        for (var row = 0; row < rows; row++)
        {
            for (var column = 0; column < _columns; column++)
            {
                double x = _west + column, y = _south + row;
                var at = (row * _columns) + column;
                (_ground[at], _canopy[at], _undergrowth[at]) = (scene.GroundAt(x, y), scene.CanopyAt(x, y), scene.UndergrowthAt(x, y));
            }
        }
    }

    internal (float Ground, float Canopy, float Undergrowth) At(double x, double y)
    {
        double fromWest = x - _west, fromSouth = y - _south;
        int column = (int)fromWest, row = (int)fromSouth, at = (row * _columns) + column;
        float u = (float)(fromWest - column), v = (float)(fromSouth - row);
        return (Between(_ground, at, u, v), Between(_canopy, at, u, v), _undergrowth[at]);
    }

    private float Between(float[] values, int at, float u, float v)
    {
        var lower = values[at] + ((values[at + 1] - values[at]) * u);
        var upper = values[at + _columns] + ((values[at + _columns + 1] - values[at + _columns]) * u);
        return lower + ((upper - lower) * v);
    }
}
