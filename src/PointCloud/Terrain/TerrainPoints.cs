using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Grid.PointCloud.Las;

namespace Grid.PointCloud.Terrain;

/// <summary>Which triangulations a point belongs to: the two lowest bits of <see cref="Site.Z"/> in <see cref="TerrainPoints"/>.</summary>
[Flags]
internal enum Surfaces
{
    None = 0,
    Terrain = 1,
    Surface = 2,
}

/// <summary>
/// The points of a tile and its margin, 12 bytes each, sorted into the cells of a grid: rows of cells are contiguous, so that any run of cells in a row is one span.
/// </summary>
internal sealed unsafe class TerrainPoints
{
    private const int Bands = 48;
    private const int PointsPerCell = 16;
    private readonly Site[][] _sites;
    private readonly int[][] _starts;
    private readonly int _bandUnits, _cellUnits, _rowsPerBand;
    private readonly double _perCell;

    private TerrainPoints(int west, int south, int extent, int bandUnits, int cellUnits, Site[][] sites, int[][] starts)
    {
        (West, South, Extent, _bandUnits, _cellUnits, _sites, _starts) = (west, south, extent, bandUnits, cellUnits, sites, starts);
        _rowsPerBand = (bandUnits + cellUnits - 1) / cellUnits;
        _perCell = 1.0 / cellUnits;
        Columns = (extent / cellUnits) + 1;
        Rows = sites.Length * _rowsPerBand;
    }

    /// <summary>West and south borders of the region, and its width and height, in lattice units.</summary>
    public int West { get; }

    public int South { get; }

    public int Extent { get; }

    public int Columns { get; }

    public int Rows { get; }

    /// <summary>Points of each surface, and the units² of ground that hold them, to within a cell.</summary>
    public (long Terrain, long Surface) Counts { get; private init; }

    public double Area { get; private init; }

    /// <summary>The column of cells that an easting is in, or the nearest one.</summary>
    public int ColumnOf(double x) => (int)Math.Clamp((x - West + 0.5) * _perCell, 0, Columns - 1);

    /// <summary>The row of cells that a northing is in, or the nearest one.</summary>
    public int RowOf(double y)
    {
        var from = Math.Clamp(y - South + 0.5, 0, Extent + 0.5);
        var band = Math.Min((int)(from / _bandUnits), _sites.Length - 1);
        return (band * _rowsPerBand) + Math.Min((int)((from - ((double)band * _bandUnits)) * _perCell), _rowsPerBand - 1);
    }

    /// <summary>South border of a row of cells.</summary>
    public int SouthOf(int row) => South + ((row / _rowsPerBand) * _bandUnits) + ((row % _rowsPerBand) * _cellUnits);

    /// <summary>North border of a row of cells; the last of a band of rows is lower than the others.</summary>
    public int NorthOf(int row) => Math.Min(SouthOf(row) + _cellUnits, South + (((row / _rowsPerBand) + 1) * _bandUnits));

    /// <summary>The points of a run of cells of a row, both ends included.</summary>
    public ReadOnlySpan<Site> Run(int row, int firstColumn, int lastColumn)
    {
        var starts = _starts[row / _rowsPerBand];
        var at = row % _rowsPerBand * Columns;
        var from = starts[at + firstColumn];
        return _sites[row / _rowsPerBand].AsSpan(from, starts[at + lastColumn + 1] - from);
    }

    /// <summary>Takes points in from several threads, then sorts them. Points are held in segments by band of rows, so that sorting never holds all of them twice.</summary>
    public sealed class Builder
    {
        private const int SegmentPoints = 1 << 15;
        private readonly ConcurrentBag<(Site[] Sites, int Count)>[] _full = new ConcurrentBag<(Site[], int)>[Bands];
        private readonly ConcurrentBag<Bins> _bins = [];
        private readonly TerrainLattice _lattice;
        private readonly Surfaces[] _classes;
        private readonly int _west, _south, _extent, _bandUnits;

        public Builder(TerrainLattice lattice, int west, int south, int extent, Surfaces[] classes)
        {
            (_lattice, _west, _south, _extent, _classes) = (lattice, west, south, extent, classes);
            _bandUnits = (extent / Bands) + 1;
            for (var band = 0; band < Bands; band++)
                _full[band] = [];
        }

        /// <summary>Takes the points of a batch that lie in the region and are of a class that is used. Thread safe.</summary>
        public void Add(PointBatch batch, LasHeader header)
        {
            var bins = _bins.TryTake(out var free) ? free : new Bins();
            var format = batch.Format;
            double unit = 1 / _lattice.Unit, heightUnit = 1 / _lattice.HeightUnit;
            double xScale = header.Scale.X * unit, xOffset = (header.Offset.X - _lattice.West) * unit;
            double yScale = header.Scale.Y * unit, yOffset = (header.Offset.Y - _lattice.North) * unit;
            double zScale = header.Scale.Z * heightUnit, zOffset = header.Offset.Z * heightUnit;
            int classAt = format.IsExtended ? 16 : 15, classMask = format.IsExtended ? 255 : 31;
            double west = _west, south = _south, east = west + _extent, north = south + _extent, perBand = 1.0 / _bandUnits;
            fixed (byte* records = batch.Records.Span)
            {
                for (byte* record = records, end = records + ((long)batch.Count * format.RecordLength); record < end; record += format.RecordLength)
                {
                    var surfaces = _classes[record[classAt] & classMask];
                    if (surfaces == Surfaces.None)
                        continue;
                    double x = Math.Round((((int*)record)[0] * xScale) + xOffset), y = Math.Round((((int*)record)[1] * yScale) + yOffset);
                    if (!(x >= west && x <= east && y >= south && y <= north))
                        continue;
                    var z = (int)Math.Clamp(Math.Round((((int*)record)[2] * zScale) + zOffset), -(1 << 28), 1 << 28);
                    var band = (int)((y - south + 0.5) * perBand);
                    var segment = bins.Segments[band] ??= new Site[SegmentPoints];
                    segment[bins.Counts[band]++] = new Site((int)x, (int)y, (z << 2) | (int)surfaces);
                    if (bins.Counts[band] == SegmentPoints)
                    {
                        _full[band].Add((segment, SegmentPoints));
                        (bins.Segments[band], bins.Counts[band]) = (null, 0);
                    }
                }
            }

            _bins.Add(bins);
        }

        /// <summary>Sorts the points; nothing can be added after.</summary>
        public TerrainPoints Build(int threads)
        {
            foreach (var bins in _bins)
            {
                for (var band = 0; band < Bands; band++)
                {
                    if (bins.Segments[band] is { } segment)
                        _full[band].Add((segment, bins.Counts[band]));
                }
            }

            var count = _full.Sum(band => band.Sum(segment => (long)segment.Count));
            var area = AreaOfPoints();
            var wanted = Math.Sqrt(PointsPerCell * area / Math.Max(1, count));
            var cell = (int)Math.Clamp(wanted, Math.Max(1, _extent / 4096), _bandUnits);
            var (sites, starts) = (new Site[Bands][], new int[Bands][]);
            long terrain = 0, surface = 0;
            Parallel.For(0, Bands, new ParallelOptions { MaxDegreeOfParallelism = threads }, band =>
            {
                (sites[band], starts[band], var counts) = Sort(band, cell);
                Interlocked.Add(ref terrain, counts.Terrain);
                Interlocked.Add(ref surface, counts.Surface);
                _full[band].Clear();
            });
            return new TerrainPoints(_west, _south, _extent, _bandUnits, cell, sites, starts) { Counts = (terrain, surface), Area = area };
        }

        private double AreaOfPoints()
        {
            int minX = int.MaxValue, maxX = int.MinValue, minY = int.MaxValue, maxY = int.MinValue;
            foreach (var (sites, count) in _full.SelectMany(band => band))
            {
                foreach (var site in sites.AsSpan(0, count))
                {
                    (minX, maxX) = (Math.Min(minX, site.X), Math.Max(maxX, site.X));
                    (minY, maxY) = (Math.Min(minY, site.Y), Math.Max(maxY, site.Y));
                }
            }

            return minX > maxX ? 1 : ((double)maxX - minX + 1) * ((double)maxY - minY + 1);
        }

        private (Site[] Sites, int[] Starts, (long Terrain, long Surface) Counts) Sort(int band, int cell)
        {
            int columns = (_extent / cell) + 1, rows = (_bandUnits + cell - 1) / cell, south = _south + (band * _bandUnits);
            var perCell = 1.0 / cell;
            var starts = new int[(columns * rows) + 2];
            long terrain = 0, surface = 0;
            foreach (var (sites, count) in _full[band])
            {
                foreach (ref readonly var site in sites.AsSpan(0, count))
                {
                    starts[CellOf(site) + 2]++;
                    terrain += site.Z & 1;
                    surface += (site.Z >> 1) & 1;
                }
            }

            for (var i = 2; i < starts.Length; i++)
                starts[i] += starts[i - 1];
            var sorted = new Site[starts[^1]];
            foreach (var (sites, count) in _full[band])
            {
                foreach (ref readonly var site in sites.AsSpan(0, count))
                    sorted[starts[CellOf(site) + 1]++] = site;
            }

            return (sorted, starts, (terrain, surface));

            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            int CellOf(Site site) => ((int)((site.Y - south + 0.5) * perCell) * columns) + (int)((site.X - _west + 0.5) * perCell);
        }

        private sealed class Bins
        {
            public Site[]?[] Segments { get; } = new Site[Bands][];

            public int[] Counts { get; } = new int[Bands];
        }
    }
}
