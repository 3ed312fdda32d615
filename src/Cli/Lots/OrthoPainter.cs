namespace Grid.Cli.Lots;

/// <summary>
/// Paints rows of an ortho-photo. The landscape is asked at every fourth pixel, where it varies slowly; between, distances are
/// interpolated, so that borders stay sharp to the pixel, and photographic noise is added. One thread at a time.
/// </summary>
internal sealed class OrthoPainter
{
    private const int Spacing = 4;
    private static readonly float[] Wave = [.. Enumerable.Range(0, 256).Select(i => MathF.Sin(i * MathF.PI / 128))];

    private readonly Landscape _landscape;
    private readonly Footprint _footprint;
    private readonly uint _seed;
    private readonly byte _nodata;
    private readonly double _pixelMeters;
    private readonly int _firstCol;
    private readonly int _width;
    private readonly int _firstNode;
    private readonly List<(double[] Axis, float HalfWidth)> _eastWest = [];
    private Ground[] _upper;
    private Ground[] _lower;
    private int _upperNode = int.MinValue;

    /// <param name="firstCol">Column of the first pixel, counted in pixels from easting 0.</param>
    internal OrthoPainter(uint seed, Footprint footprint, double pixelMeters, int firstCol, int width, int firstRow, int height, byte nodata)
    {
        _seed = seed;
        _landscape = new Landscape(seed);
        (_footprint, _pixelMeters, _firstCol, _width, _nodata) = (footprint, pixelMeters, firstCol, width, nodata);
        _firstNode = firstCol / Spacing;
        var nodes = ((firstCol + width - 1) / Spacing) - _firstNode + 2;
        (_upper, _lower) = (new Ground[nodes], new Ground[nodes]);

        // East-west roads wind along x: their northings at the nodes serve all rows.
        double north = -firstRow * pixelMeters, south = -(firstRow + height) * pixelMeters;
        var (first, last) = Landscape.RoadsNear(south, north);
        for (var number = first; number <= last; number++)
        {
            var axis = new double[nodes];
            float halfWidth = 0;
            for (var n = 0; n < nodes; n++)
                (axis[n], halfWidth) = _landscape.RoadAt(number, NodeEast(n), isNorthSouth: false);
            _eastWest.Add((axis, halfWidth));
        }
    }

    /// <summary>Paints one row.</summary>
    /// <param name="row">Its number, counted in pixels southwards from northing 0 (so negative in France).</param>
    /// <returns>False when no pixel is inside the footprint.</returns>
    internal bool Paint(int row, Span<byte> rgb)
    {
        var node = row >> 2;
        MoveTo(node);
        var down = ((row & (Spacing - 1)) + 0.5f) / Spacing;
        var north = -(row + 0.5) * _pixelMeters;
        var isAnyInside = false;
        for (var n = 0; n < _upper.Length - 1; n++)
        {
            int from = Math.Max(0, ((_firstNode + n) * Spacing) - _firstCol), to = Math.Min(_width, ((_firstNode + n + 1) * Spacing) - _firstCol);
            if (from < to)
                isAnyInside |= PaintBetween(n, from, to, row, down, north, rgb);
        }

        return isAnyInside;
    }

    private double NodeEast(int n) => (double)(_firstNode + n) * Spacing * _pixelMeters;

    private void MoveTo(int node)
    {
        if (node == _upperNode)
            return;
        if (node == _upperNode + 1)
        {
            (_upper, _lower) = (_lower, _upper);
            Survey(_lower, node + 1);
        }
        else
        {
            Survey(_upper, node);
            Survey(_lower, node + 1);
        }

        _upperNode = node;
    }

    private void Survey(Ground[] nodes, int nodeRow)
    {
        var north = -(double)nodeRow * Spacing * _pixelMeters;
        var (first, last) = Landscape.RoadsNear(NodeEast(0), NodeEast(nodes.Length));
        Span<(double Axis, float HalfWidth)> roads = new (double, float)[last - first + 1];
        for (var number = first; number <= last; number++)
            roads[number - first] = _landscape.RoadAt(number, north, isNorthSouth: true);
        for (var n = 0; n < nodes.Length; n++)
        {
            var east = NodeEast(n);
            var inside = _footprint.MetersInside(east, north);
            if (inside < -20 * _pixelMeters)
            {
                nodes[n] = new Ground { Inside = inside };
                continue;
            }

            ref var ground = ref nodes[n];
            ground = _landscape.At(east, north);
            ground.Inside = inside;
            var road = 1e6f;
            foreach (var (axis, halfWidth) in roads)
                road = Math.Min(road, (float)Math.Abs(east - axis) - halfWidth);
            foreach (var (axis, halfWidth) in _eastWest)
                road = Math.Min(road, (float)Math.Abs(north - axis[n]) - halfWidth);
            ground.Road = road;
        }
    }

    private bool PaintBetween(int n, int from, int to, int row, float down, double north, Span<byte> rgb)
    {
        ref readonly Ground a = ref _upper[n], b = ref _upper[n + 1], c = ref _lower[n], d = ref _lower[n + 1];
        ref readonly var near = ref (down < 0.5f ? ref _upper[n] : ref _lower[n]);
        var isAnyInside = false;
        for (var col = from; col < to; col++)
        {
            var x = _firstCol + col;
            var right = ((x & (Spacing - 1)) + 0.5f) / Spacing;
            float wa = (1 - right) * (1 - down), wb = right * (1 - down), wc = (1 - right) * down, wd = right * down;
            var pixel = rgb.Slice(col * 3, 3);
            if ((a.Inside * wa) + (b.Inside * wb) + (c.Inside * wc) + (d.Inside * wd) < 0)
            {
                pixel.Fill(_nodata);
                continue;
            }

            isAnyInside = true;
            var edge = (a.Edge * wa) + (b.Edge * wb) + (c.Edge * wc) + (d.Edge * wd);
            var road = (a.Road * wa) + (b.Road * wb) + (c.Road * wc) + (d.Road * wd);
            var wood = (a.Wood * wa) + (b.Wood * wb) + (c.Wood * wc) + (d.Wood * wd);
            var water = (a.Water * wa) + (b.Water * wb) + (c.Water * wc) + (d.Water * wd);
            var shade = (a.Shade * wa) + (b.Shade * wb) + (c.Shade * wc) + (d.Shade * wd);
            var crown = (a.Crown * wa) + (b.Crown * wb) + (c.Crown * wc) + (d.Crown * wd);
            var patches = (a.Patches * wa) + (b.Patches * wb) + (c.Patches * wc) + (d.Patches * wd);
            float red, green, blue;
            if (water > 0)
            {
                (red, green, blue) = (56 + (4 * crown), 76 + (4 * crown), 84 + (4 * crown));
            }
            else if (road < 0)
            {
                var grey = 143 + (6 * crown);
                (red, green, blue) = (grey, grey - 1, grey - 4);
            }
            else if (road < 1.6f)
            {
                (red, green, blue) = (130 + (12 * crown), 136 + (12 * crown), 102 + (10 * crown));
            }
            else if (near.IsVillage && Roof(x, north, crown, out red, out green, out blue))
            {
            }
            else if (wood > 0 || edge < near.Hedge + (3 * crown))
            {
                (red, green, blue) = ((56 + (74 * crown)) * shade, (80 + (76 * crown)) * shade, (48 + (50 * crown)) * shade);
            }
            else
            {
                var turns = ((x + 0.5) * _pixelMeters * near.RowsEast) + (north * near.RowsNorth);
                var tone = patches + (near.RowsContrast == 0 ? 0 : near.RowsContrast * Wave[(int)((turns - Math.Floor(turns)) * 256) & 255]);
                (red, green, blue) = ((near.Red + tone) * shade, (near.Green + tone) * shade, (near.Blue + tone) * shade);
            }

            var noise = LatticeNoise.Hash(x, row, _seed ^ 0xA511E9B3u);
            var grain = ((noise & 0xFF) + ((noise >> 8) & 0xFF)) * (5f / 256) - 5;
            pixel[0] = Tone(red + grain + (((noise >> 16) & 0x1F) * 0.05f));
            pixel[1] = Tone(green + grain + (((noise >> 21) & 0x1F) * 0.05f));
            pixel[2] = Tone(blue + grain + ((noise >> 27) * 0.05f));
        }

        return isAnyInside;
    }

    // Houses on plots of 24 by 20 metres, turned a little; a lit and a dark slope, and a shadow on the side away from the sun.
    private bool Roof(int x, double north, float crown, out float red, out float green, out float blue)
    {
        var east = (x + 0.5) * _pixelMeters;
        double u = ((0.92 * east) + (0.39 * north)) / 24, v = ((0.92 * north) - (0.39 * east)) / 20;
        int plotU = (int)Math.Floor(u), plotV = (int)Math.Floor(v);
        var dice = LatticeNoise.Hash(plotU, plotV, _seed + 19);
        (red, green, blue) = (0, 0, 0);
        if ((dice & 0x7) < 2)
            return false;
        float du = (float)(u - plotU) - 0.5f, dv = (float)(v - plotV) - 0.5f;
        float halfU = 0.16f + (((dice >> 8) & 0xFF) * (0.2f / 256)), halfV = 0.14f + (((dice >> 16) & 0xFF) * (0.18f / 256));
        if (Math.Abs(du) < halfU && Math.Abs(dv) < halfV)
        {
            var slope = dv > 0 ? 0.88f : 1.12f;
            (red, green, blue) = (dice >> 24) > 190 ? (122, 124, 130) : (174, 106, 80);
            (red, green, blue) = ((red * slope) + (10 * crown), (green * slope) + (10 * crown), (blue * slope) + (10 * crown));
            return true;
        }

        if (Math.Abs(du + 0.07f) < halfU && Math.Abs(dv - 0.09f) < halfV)
        {
            (red, green, blue) = (60 + (10 * crown), 64 + (10 * crown), 62 + (10 * crown));
            return true;
        }

        return false;
    }

    // The nodata value is kept for what is outside.
    private byte Tone(float value)
    {
        var tone = Math.Clamp((int)(value + 0.5f), 0, 255);
        return (byte)(tone != _nodata ? tone : _nodata == 0 ? 1 : tone - 1);
    }
}
