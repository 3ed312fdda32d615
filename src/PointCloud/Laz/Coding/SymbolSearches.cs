using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Grid.PointCloud.Laz.Coding;

/// <summary>How a symbol is found in a model: by its size, which the code that uses the model knows. Needs AVX2.</summary>
internal unsafe interface ISymbolSearch
{
    /// <summary>The place of the symbol whose share, times a part, holds a value; both in all lanes.</summary>
    static abstract nint Find(SymbolModel* model, Vector256<uint> value, Vector256<uint> part);
}

/// <summary>In models of up to 16 symbols.</summary>
internal readonly unsafe struct SearchTo16 : ISymbolSearch
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nint Find(SymbolModel* model, Vector256<uint> value, Vector256<uint> part) => Bounds.TwiceCount16((ushort*)model - 16, value, part) - 32;
}

/// <summary>In models of 9 to 33 symbols.</summary>
internal readonly unsafe struct SearchTo33 : ISymbolSearch
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nint Find(SymbolModel* model, Vector256<uint> value, Vector256<uint> part) => Bounds.TwiceCount32((ushort*)model - 32, value, part) - 64;
}

/// <summary>In models of up to 256 symbols: first the group, 1 to 16, of which the last one is just before the header.</summary>
internal readonly unsafe struct SearchTo256 : ISymbolSearch
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nint Find(SymbolModel* model, Vector256<uint> value, Vector256<uint> part)
    {
        var group = (16 * Bounds.TwiceCount16((ushort*)model, value, part)) - (32 * (SymbolModel.Groups + 1));
        return group + Bounds.TwiceCount16((ushort*)((byte*)model + group), value, part);
    }
}

/// <summary>As <see cref="SearchTo256"/>, in models of which many have up to 16 symbols and no second group.</summary>
internal readonly unsafe struct SearchTo16Or256 : ISymbolSearch
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nint Find(SymbolModel* model, Vector256<uint> value, Vector256<uint> part) =>
        model->Last < 16 ? SearchTo16.Find(model, value, part) : SearchTo256.Find(model, value, part);
}

/// <summary>As <see cref="SearchTo256"/>, in models of 257 to 1024 symbols.</summary>
internal readonly unsafe struct SearchTo1024 : ISymbolSearch
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nint Find(SymbolModel* model, Vector256<uint> value, Vector256<uint> part)
    {
        var group = (64 * Bounds.TwiceCount16((ushort*)model, value, part)) - (128 * (SymbolModel.Groups + 1));
        var bounds = (ushort*)((byte*)model + group);
        return group + Bounds.TwiceCount32(bounds, value, part) + Bounds.TwiceCount32(bounds + 32, value, part);
    }
}

/// <summary>Comparisons with ascending bounds.</summary>
file static unsafe class Bounds
{
    /// <summary>Twice how many of 16 bounds, times the part, are not above the value: the bytes that they take.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nint TwiceCount16(ushort* bounds, Vector256<uint> value, Vector256<uint> part)
    {
        var low = NotAbove(bounds, value, part);
        var high = NotAbove(bounds + 8, value, part);
        return BitOperations.PopCount((uint)Avx2.MoveMask(Avx2.PackSignedSaturate(low, high).AsByte()));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nint TwiceCount32(ushort* bounds, Vector256<uint> value, Vector256<uint> part) =>
        TwiceCount16(bounds, value, part) + TwiceCount16(bounds + 16, value, part);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> NotAbove(ushort* bounds, Vector256<uint> value, Vector256<uint> part)
    {
        var products = Avx2.MultiplyLow(Avx2.ConvertToVector256Int32(bounds).AsUInt32(), part);
        return Vector256.Equals(Vector256.Max(products, value), value).AsInt32();
    }
}
