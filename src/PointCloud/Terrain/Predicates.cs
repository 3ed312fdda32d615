using System.Runtime.CompilerServices;

namespace Grid.PointCloud.Terrain;

/// <summary>A point of a triangulation: whole coordinates on a <see cref="TerrainLattice"/>, x east, y north.</summary>
internal struct Site(int x, int y, int z)
{
    public int X = x, Y = y, Z = z;
}

/// <summary>Exact predicates on whole coordinates that differ by less than 2²⁹.</summary>
internal static unsafe class Predicates
{
    /// <summary>Greatest difference of coordinates for which the circle test fits 64 bits.</summary>
    private const int Near = 1 << 14;

    /// <summary>Of the double-precision determinant, times the sum of its terms' sizes: below it the sign is not sure (ten roundings of 2⁻⁵³ each).</summary>
    private const double Doubt = 1.2e-15;

    /// <summary>Above 0 when <paramref name="c"/> lies left of the line from <paramref name="a"/> to <paramref name="b"/>, 0 on it: twice the triangle's area.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Turn(Site* a, Site* b, Site* c) => Turn(a, b, c->X, c->Y);

    /// <inheritdoc cref="Turn(Site*, Site*, Site*)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Turn(Site* a, Site* b, int x, int y) =>
        ((long)(b->X - a->X) * (y - a->Y)) - ((long)(b->Y - a->Y) * (x - a->X));

    /// <summary>
    /// Whether <paramref name="d"/> lies inside the circle through a, b and c, which turn left. Four points on one circle are told apart as if each were
    /// lifted off the paraboloid a little, by far the more the greater it is in the order of x, then y (Devillers and Teillaud, "Perturbations and vertex removal in
    /// a 3D Delaunay triangulation", SODA 2003): a set of points has one triangulation, in whatever order and part it is made. A point that coincides with a corner is not inside.
    /// </summary>
    public static bool InCircle(Site* a, Site* b, Site* c, Site* d)
    {
        int adx = a->X - d->X, ady = a->Y - d->Y, bdx = b->X - d->X, bdy = b->Y - d->Y, cdx = c->X - d->X, cdy = c->Y - d->Y;
        var sizes = (adx ^ (adx >> 31)) | (ady ^ (ady >> 31)) | (bdx ^ (bdx >> 31)) | (bdy ^ (bdy >> 31)) | (cdx ^ (cdx >> 31)) | (cdy ^ (cdy >> 31));
        if (sizes >= Near)
            return InWideCircle(a, b, c, d);
        long aLift = ((long)adx * adx) + ((long)ady * ady), bLift = ((long)bdx * bdx) + ((long)bdy * bdy), cLift = ((long)cdx * cdx) + ((long)cdy * cdy);
        var determinant = (aLift * (((long)bdx * cdy) - ((long)cdx * bdy)))
            + (bLift * (((long)cdx * ady) - ((long)adx * cdy)))
            + (cLift * (((long)adx * bdy) - ((long)bdx * ady)));
        return determinant != 0 ? determinant > 0 : InPerturbedCircle(a, b, c, d);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool InWideCircle(Site* a, Site* b, Site* c, Site* d)
    {
        long adx = a->X - d->X, ady = a->Y - d->Y, bdx = b->X - d->X, bdy = b->Y - d->Y, cdx = c->X - d->X, cdy = c->Y - d->Y;
        long aLift = (adx * adx) + (ady * ady), bLift = (bdx * bdx) + (bdy * bdy), cLift = (cdx * cdx) + (cdy * cdy);
        long aMinor = (bdx * cdy) - (cdx * bdy), bMinor = (cdx * ady) - (adx * cdy), cMinor = (adx * bdy) - (bdx * ady);
        double aTerm = (double)aLift * aMinor, bTerm = (double)bLift * bMinor, cTerm = (double)cLift * cMinor, sum = aTerm + bTerm + cTerm;
        if (Math.Abs(sum) > Doubt * (Math.Abs(aTerm) + Math.Abs(bTerm) + Math.Abs(cTerm)))
            return sum > 0;
        var exact = ((Int128)aLift * aMinor) + ((Int128)bLift * bMinor) + ((Int128)cLift * cMinor);
        return exact != 0 ? exact > 0 : InPerturbedCircle(a, b, c, d);
    }

    private static bool InPerturbedCircle(Site* a, Site* b, Site* c, Site* d)
    {
        if (Coincide(a, d) || Coincide(b, d) || Coincide(c, d))
            return false;
        Site** left = stackalloc Site*[] { a, b, c, d };
        for (var count = 4; count > 0; count--)
        {
            var greatest = 0;
            for (var i = 1; i < count; i++)
            {
                if (left[i]->X > left[greatest]->X || (left[i]->X == left[greatest]->X && left[i]->Y > left[greatest]->Y))
                    greatest = i;
            }

            var lifted = left[greatest];
            left[greatest] = left[count - 1];
            if (lifted == d)
                return false;
            // Raising a corner raises the plane through the three at d by d's share of that corner.
            var share = lifted == a ? Turn(b, c, d) : lifted == b ? Turn(c, a, d) : Turn(a, b, d);
            if (share != 0)
                return share > 0;
        }

        return false;
    }

    private static bool Coincide(Site* a, Site* b) => a->X == b->X && a->Y == b->Y;
}
