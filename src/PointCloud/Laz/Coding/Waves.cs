using System.Runtime.CompilerServices;

namespace Grid.PointCloud.Laz.Coding;

/// <summary>
/// The coder of wave packets, 29 bytes: descriptor u8, offset u64, size u32, return point location and three direction components f32: WAVEPACKET13
/// version 1 and, a channel's, WAVEPACKET14.
/// </summary>
internal sealed unsafe class Waves(ModelArena arena)
{
    public const int Size = 29;
    public const int SymbolsPerPacket = 2 + 4 + (6 * IntegerModel.SymbolsPerNumber);

    private const uint Same = 0, AfterLast = 1, Near = 2, Far = 3;

    private readonly SymbolModel* _descriptor = arena.Symbols(256);
    private readonly SymbolModels _offsetKind = arena.SymbolArray(4, 4);
    private readonly IntegerModel* _offset = arena.Integer(32, 1);
    private readonly IntegerModel* _size = arena.Integer(32, 1);
    private readonly IntegerModel* _location = arena.Integer(32, 1);
    private readonly IntegerModel* _direction = arena.Integer(32, 3);
    private int _lastStep;
    private uint _lastKind;

    /// <summary>Begins a chunk, or a channel's first packet; the arena is restarted by its owner.</summary>
    public void Restart() => (_lastStep, _lastKind) = (0, 0);

    /// <summary>Replaces <paramref name="packet"/>, the last one, by the next.</summary>
    public void Decode(ref ArithmeticDecoder decoder, byte* packet)
    {
        var d = decoder;
        packet[0] = (byte)d.Symbol(_descriptor);
        _lastKind = d.Symbol<SearchTo16>(_offsetKind[_lastKind]);
        ref var offset = ref Unsafe.AsRef<ulong>(packet + 1);
        switch (_lastKind)
        {
            case Same:
                break;
            case AfterLast:
                offset += *(uint*)(packet + 9);
                break;
            case Near:
                _lastStep = IntegerModel.Decode(_offset, ref d, _lastStep, 0);
                offset += (ulong)_lastStep;
                break;
            case Far:
                offset = d.RawLong();
                break;
        }

        *(int*)(packet + 9) = IntegerModel.Decode(_size, ref d, *(int*)(packet + 9), 0);
        *(int*)(packet + 13) = IntegerModel.Decode(_location, ref d, *(int*)(packet + 13), 0);
        for (var axis = 0; axis < 3; axis++)
        {
            var component = (int*)(packet + 17) + axis;
            *component = IntegerModel.Decode(_direction, ref d, *component, axis);
        }

        decoder = d;
    }

    /// <summary>Codes a packet after <paramref name="last"/>, and leaves it there. Returns false when it is the same.</summary>
    public bool Encode(ref ArithmeticEncoder encoder, byte* last, byte* packet)
    {
        var e = encoder;
        e.Symbol(_descriptor, packet[0]);
        ulong offset = *(ulong*)(packet + 1), lastOffset = *(ulong*)(last + 1);
        var step = (long)(offset - lastOffset);
        var kind = step != (int)step ? Far : step == 0 ? Same : step == *(uint*)(last + 9) ? AfterLast : Near;
        e.Symbol(_offsetKind[_lastKind], kind);
        _lastKind = kind;
        if (kind == Near)
        {
            IntegerModel.Encode(_offset, ref e, _lastStep, (int)step, 0);
            _lastStep = (int)step;
        }
        else if (kind == Far)
        {
            e.RawLong(offset);
        }

        IntegerModel.Encode(_size, ref e, *(int*)(last + 9), *(int*)(packet + 9), 0);
        IntegerModel.Encode(_location, ref e, *(int*)(last + 13), *(int*)(packet + 13), 0);
        for (var axis = 0; axis < 3; axis++)
            IntegerModel.Encode(_direction, ref e, ((int*)(last + 17))[axis], ((int*)(packet + 17))[axis], axis);
        encoder = e;
        var same = new ReadOnlySpan<byte>(last, Size).SequenceEqual(new ReadOnlySpan<byte>(packet, Size));
        Unsafe.CopyBlockUnaligned(last, packet, Size);
        return !same;
    }
}
