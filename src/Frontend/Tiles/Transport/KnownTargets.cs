using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;
using Grid.Ogc;

namespace Grid.Frontend.Tiles.Transport;

/// <summary>
/// Reads the tiles that addresses ask for, and remembers what it read: popular addresses are read once. Of each place among
/// <see cref="Places"/> the last address stays; nothing is allocated for those that come. For one thread.
/// </summary>
internal sealed class KnownTargets(TileFrontDoor door)
{
    /// <summary>Addresses that are remembered at once.</summary>
    public const int Places = 8192;

    /// <summary>Bytes of the longest address that is remembered.</summary>
    public const int Longest = 254;

    private const int Stride = Longest + 2;

    private readonly byte[] _addresses = new byte[Places * Stride];
    private readonly TileRequest[] _requests = new TileRequest[Places];
    private LayerCatalogue? _layers;

    /// <summary>The tile that a request asks for; false for all that is not plainly a tile within the limits of its level.</summary>
    public bool TryRead(in RequestHead head, out TileRequest request)
    {
        if (door.Layers != _layers)
        {
            // What addresses mean may have changed, and the layers of the former catalogue are not to be held.
            Array.Clear(_addresses);
            Array.Clear(_requests);
            _layers = door.Layers;
        }

        var target = head.Target;
        if (target.Length > Longest)
            return TryReadAnew(head, out request);
        var number = PlaceOf(target);
        var place = _addresses.AsSpan(number * Stride, Stride);
        if (MemoryMarshal.Read<ushort>(place) == target.Length && target.SequenceEqual(place.Slice(2, target.Length)))
        {
            request = _requests[number];
            return true;
        }

        if (!TryReadAnew(head, out request))
            return false;
        MemoryMarshal.Write(place, (ushort)target.Length);
        target.CopyTo(place[2..]);
        _requests[number] = request;
        return true;
    }

    private bool TryReadAnew(in RequestHead head, out TileRequest request)
    {
        Span<char> text = stackalloc char[head.Path.Length + head.Query.Length];
        Ascii.ToUtf16(head.Path, text, out var path);
        Ascii.ToUtf16(head.Query, text[path..], out _);
        return door.TryRead(text[..path], text[path..], out request);
    }

    // Rotations and odd multiplications, eight bytes at once; whoever finds addresses that meet in one place gains nothing but that they are read each time.
    private static int PlaceOf(ReadOnlySpan<byte> target)
    {
        const ulong Odd = 0x9E3779B97F4A7C15;
        var hash = (ulong)target.Length;
        for (; target.Length >= 8; target = target[8..])
            hash = (BitOperations.RotateLeft(hash, 27) ^ MemoryMarshal.Read<ulong>(target)) * Odd;
        foreach (var character in target)
            hash = (BitOperations.RotateLeft(hash, 9) ^ character) * Odd;
        return (int)(hash >> 51);
    }
}
