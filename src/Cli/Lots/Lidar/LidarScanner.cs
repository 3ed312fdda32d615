using System.Buffers.Binary;

namespace Grid.Cli.Lots.Lidar;

/// <summary>
/// Flies north-south lines over a scene and writes what comes back of each pulse that falls into a tile: records of point format 6, 7 or 8 with coordinates in
/// centimetres from 0. A pulse is a pure function of (seed, line, scan, number), and a return belongs to the tile that it lies in: tiles join without a double or
/// missing point. Within a tile points follow the time.
/// </summary>
internal sealed class LidarScanner
{
    private const double LinesEvery = 300, HalfSwath = 220, OverlapFrom = 150, FlightHeight = 900, MetersPerSecond = 60;
    private const double FirstNorthing = 6_000_000, LastNorthing = 7_200_000;

    // As far as the returns of a pulse lie off the ground that it points to.
    private const double Lean = 16;
    private const int MaxReturns = 5;
    private readonly uint _seed;
    private readonly LidarScene _scene;
    private readonly SceneWindow _window;
    private readonly double _west, _south, _east, _north, _spacing;
    private readonly int _format, _length;

    /// <param name="pulsesPerSquareMeter">Of one line; where lines overlap there are twice as many.</param>
    internal LidarScanner(uint seed, double west, double north, double side, double pulsesPerSquareMeter, int pointFormat)
    {
        (_seed, _west, _north, _east, _south) = (seed * 64, west, north, west + side, north - side);
        (_spacing, _format, _length) = (1 / Math.Sqrt(pulsesPerSquareMeter), pointFormat, pointFormat switch { 6 => 30, 7 => 36, _ => 38 });
        _scene = new LidarScene(seed);
        _window = new SceneWindow(_scene, _west - Lean - 2, _south - 2, _east + Lean + 2, _north + 2);
    }

    private int FirstLine => (int)Math.Ceiling((_west - HalfSwath) / LinesEvery);

    private int LastLine => (int)Math.Floor((_east + HalfSwath) / LinesEvery);

    /// <summary>The records of the tile scan by scan, and the modelled ones at the end. Each memory holds them only until the next is asked for.</summary>
    internal IEnumerable<ReadOnlyMemory<byte>> Scan()
    {
        int first = (int)Math.Ceiling((_south - 1) / _spacing), last = (int)Math.Floor((_north + 1) / _spacing);
        var records = new byte[(int)((2 * HalfSwath / _spacing) + 2) * MaxReturns * _length];
        for (var line = FirstLine; line <= LastLine; line++)
        {
            for (var step = 0; step <= last - first; step++)
            {
                // Lines go up and down by turns.
                var scan = (line & 1) == 0 ? first + step : last - step;
                var count = ScanOnce(line, scan, records);
                if (count > 0)
                    yield return records.AsMemory(0, count * _length);
            }
        }

        for (var y = Math.Floor(_south) + 0.5; y <= _north; y++)
        {
            var count = ModelWater(y, records);
            if (count > 0)
                yield return records.AsMemory(0, count * _length);
        }
    }

    private int ScanOnce(int line, int scan, byte[] records)
    {
        double flown = line * LinesEvery, startX = flown - HalfSwath;
        var pulses = (int)(2 * HalfSwath / _spacing);
        int from = Math.Max(0, (int)((_west - Lean - startX) / _spacing)), to = Math.Min(pulses - 1, (int)((_east + Lean - startX) / _spacing));
        var goesEast = (scan & 1) == 0;
        var count = 0;
        Span<Return> returns = stackalloc Return[MaxReturns];
        for (var step = 0; step <= to - from; step++)
        {
            var pulse = goesEast ? from + step : to - step;
            var dice = LatticeNoise.Hash((line * 7919) + pulse, scan, _seed + 20);
            var x = startX + ((pulse + ((dice & 0xFF) * (0.6 / 256))) * _spacing);
            var y = (scan + (((dice >> 8) & 0xFF) * (0.6 / 256))) * _spacing;
            if (x < _west - Lean || x > _east + Lean || y < _south - 1 || y > _north + 1)
                continue;
            var found = Strike(x, y, flown, dice, returns);
            // A scan takes the time of flying one spacing.
            var along = (line & 1) == 0 ? (scan * _spacing) - FirstNorthing : LastNorthing - (scan * _spacing);
            var seconds = (along + (_spacing * (goesEast ? pulse : pulses - 1 - pulse) / pulses)) / MetersPerSecond;
            var pulseData = new Pulse(
                300_000_000 + ((line % 64) * 100_000.0) + seconds, Math.Atan((x - flown) / FlightHeight) * (180 / Math.PI), (line % 1000) + 1,
                goesEast, pulse == 0 || pulse == pulses - 1, Math.Abs(x - flown) > OverlapFrom, found);
            for (var r = 0; r < found; r++)
            {
                if (returns[r].X >= _west && returns[r].X < _east && returns[r].Y > _south && returns[r].Y <= _north)
                    Write(records.AsSpan(count++ * _length, _length), returns[r], r + 1, pulseData);
            }
        }

        return count;
    }

    /// <summary>What a pulse that points to a place on the ground meets, from the first return to the last; returns their number.</summary>
    private int Strike(double x, double y, double flown, uint dice, Span<Return> returns)
    {
        var lean = (flown - x) / FlightHeight;
        var (ground, canopy, undergrowth) = _window.At(x, y);
        var random = dice >> 16;
        var rough = ((int)((dice >> 4) & 0x3F) - 32) * 0.0012f;
        if (random % 16_384 == 7)
        {
            // A bird, or an echo from below the ground.
            var off = (dice & 1) == 0 ? 60f : -12f;
            return Single(returns, x + (lean * off), y, ground + off, 65);
        }

        if (LidarScene.IsBridge(x, y, ground))
            return Single(returns, x + (lean * (LidarScene.DeckLevel - ground)), y, LidarScene.DeckLevel + rough, 17);
        if (ground < LidarScene.WaterLevel)
            // Still water swallows two pulses in three.
            return random % 3 == 0 ? Single(returns, x, y, LidarScene.WaterLevel + (rough * 0.3f), 9) : 0;

        var roof = _scene.RoofAt(x + (lean * 6), y);
        if (roof > 0)
        {
            var roofX = x + (lean * (roof - ground));
            if (_scene.RoofAt(roofX, y) is > 0 and var height)
                return Single(returns, roofX, y, height + rough, random % 97 == 3 ? (byte)64 : (byte)6, height - ground);
        }

        if (canopy > 1)
            return StrikeTree(x, y, lean, ground, canopy, rough, random, returns);
        if (LidarScene.RoadDistance(y) < 3 && ((int)(x / 9) & 15) == (random & 1) && LatticeNoise.Unit((int)(x / 9), 3, _seed) < 0.4f)
            return Single(returns, x, y, ground + 1.4f + rough, 1);
        if (undergrowth > 0.05f && random % 5 < 2)
            return Single(returns, x, y, ground + undergrowth + rough, undergrowth < 0.5f ? (byte)3 : (byte)4, undergrowth);
        return Single(returns, x, y, ground + rough, 2);
    }

    private static int StrikeTree(double x, double y, double lean, float ground, float canopy, float rough, uint random, Span<Return> returns)
    {
        var count = 0;
        Hit(canopy - (0.9f * ((random & 0xF) / 16f)), returns);
        var depth = canopy * (0.45f + (0.3f * (((random >> 4) & 0xF) / 16f)));
        if ((random & 0x30) != 0 && depth > 2)
            Hit(depth, returns);
        if ((random & 0xC0) == 0xC0 && canopy > 9)
            Hit(canopy * 0.2f, returns);
        if ((random & 0x700) == 0x100)
            Hit(0.3f + (1.1f * ((random >> 12) & 0xF) / 16f), returns);
        // The ground comes through the leaves seven times in ten.
        if (random % 10 < 7)
            returns[count++] = new Return(x, y, ground + rough, 2, 0);
        return count;

        void Hit(float height, Span<Return> into) =>
            into[count++] = new Return(x + (lean * height), y, ground + height + rough, height < 0.5f ? (byte)3 : height < 1.5f ? (byte)4 : (byte)5, height);
    }

    private static int Single(Span<Return> returns, double x, double y, float z, byte kind, float above = 0)
    {
        returns[0] = new Return(x, y, z, kind, above);
        return 1;
    }

    /// <summary>Modelled points of the water's level under bridges, every metre.</summary>
    private int ModelWater(double y, byte[] records)
    {
        var count = 0;
        var modelled = new Pulse(0, 0, 0, false, false, false, 1) { IsSynthetic = true };
        for (var x = Math.Floor(_west) + 0.5; x < _east && LidarScene.RoadDistance(y) < 4; x++)
        {
            var (ground, _, _) = _window.At(x, y);
            if (y > _south && LidarScene.IsBridge(x, y, ground))
                Write(records.AsSpan(count++ * _length, _length), new Return(x, y, Math.Max(ground, LidarScene.WaterLevel), 66, 0), 1, modelled);
        }

        return count;
    }

    private void Write(Span<byte> record, Return point, int number, in Pulse pulse)
    {
        BinaryPrimitives.WriteInt32LittleEndian(record, Centimetres(point.X, _west, _east, 0));
        BinaryPrimitives.WriteInt32LittleEndian(record[4..], Centimetres(point.Y, _south, _north, 1));
        BinaryPrimitives.WriteInt32LittleEndian(record[8..], (int)Math.Round(point.Z * 100));
        var (red, green, blue, infrared, bright) = Look(point);
        BinaryPrimitives.WriteUInt16LittleEndian(record[12..], pulse.IsSynthetic ? (ushort)0 : (ushort)(bright / pulse.Returns));
        record[14] = (byte)(number | (pulse.Returns << 4));
        record[15] = (byte)((pulse.IsSynthetic ? 1 : 0) | (pulse.IsOverlap ? 8 : 0) | (pulse.GoesEast ? 0x40 : 0) | (pulse.IsEdge ? 0x80 : 0));
        record[16] = point.Kind;
        record[17] = 0;
        BinaryPrimitives.WriteInt16LittleEndian(record[18..], (short)Math.Round(pulse.Angle / 0.006));
        BinaryPrimitives.WriteUInt16LittleEndian(record[20..], (ushort)pulse.Line);
        BinaryPrimitives.WriteDoubleLittleEndian(record[22..], pulse.Time);
        if (_format == 6)
            return;
        BinaryPrimitives.WriteUInt16LittleEndian(record[30..], red);
        BinaryPrimitives.WriteUInt16LittleEndian(record[32..], green);
        BinaryPrimitives.WriteUInt16LittleEndian(record[34..], blue);
        if (_format == 8)
            BinaryPrimitives.WriteUInt16LittleEndian(record[36..], infrared);
    }

    // A tile's west and north borders are its own. What rounding would put on another, which is a neighbour's, stays within.
    private static int Centimetres(double value, double least, double most, int inner) =>
        (int)Math.Clamp(Math.Round(value * 100), (Math.Round(least * 100) + inner), Math.Round(most * 100) - 1 + inner);

    private (ushort Red, ushort Green, ushort Blue, ushort Infrared, int Bright) Look(Return point)
    {
        var grain = (LatticeNoise.Smooth(point.X, point.Y, 2.5, _seed + 30) - 0.5f) * 36;
        var (red, green, blue, infrared, bright) = point.Kind switch
        {
            2 when LidarScene.RoadDistance(point.Y) < 4 => (118, 116, 114, 60, 700),
            2 => (138, 124, 92, 120, 1500),
            3 => (122, 140, 82, 180, 1300),
            4 => (84, 112, 58, 190, 1100),
            5 => (62, 92 + (int)(point.Above * 1.5f), 48, 205, 900),
            6 => (168, 98, 76, 80, 1700),
            9 or 66 => (58, 76, 84, 12, 120),
            17 => (150, 150, 146, 70, 900),
            64 => (90, 92, 96, 60, 1000),
            _ => (140, 140, 140, 90, 500),
        };
        return (Sample(red), Sample(green), Sample(blue), Sample(infrared), Math.Max(1, bright + (int)(grain * 12)));

        ushort Sample(int level) => (ushort)(Math.Clamp(level + (int)grain, 0, 255) * 256);
    }

    /// <param name="Above">Metres above the ground.</param>
    private readonly record struct Return(double X, double Y, float Z, byte Kind, float Above);

    private readonly record struct Pulse(double Time, double Angle, int Line, bool GoesEast, bool IsEdge, bool IsOverlap, int Returns)
    {
        public bool IsSynthetic { get; init; }
    }
}
