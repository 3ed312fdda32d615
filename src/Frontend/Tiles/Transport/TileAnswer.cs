using System.Text;

namespace Grid.Frontend.Tiles.Transport;

/// <summary>An answer on its way out over HTTP/1.1: status line and headers made beforehand, the date, the body in one or two pieces.</summary>
internal struct TileAnswer
{
    private static volatile DateLine s_date = new(0);

    private readonly byte[] _head;
    private readonly ReadOnlyMemory<byte> _before;
    private readonly ReadOnlyMemory<byte> _body;
    private readonly byte[] _date;
    private readonly bool _headOnly;
    private int _sent;

    /// <param name="head">Status line and headers but the date, each with its end of line.</param>
    /// <param name="before">First piece of the body; may be empty.</param>
    /// <param name="body">The rest of the body.</param>
    /// <param name="headOnly">Whether the request was a HEAD, whose answer has no body.</param>
    public TileAnswer(byte[] head, ReadOnlyMemory<byte> before, ReadOnlyMemory<byte> body, bool headOnly)
    {
        (_head, _before, _body) = (head, before, body);
        _headOnly = headOnly;
        _date = DateNow();
    }

    /// <summary>Sends what the socket takes at once; true when all of it is sent. False: the socket is full, or <paramref name="failed"/>.</summary>
    public unsafe bool Send(int descriptor, out bool failed)
    {
        failed = false;
        fixed (byte* head = _head)
        fixed (byte* date = _date)
        fixed (byte* before = _before.Span)
        fixed (byte* body = _body.Span)
        {
            var pieces = stackalloc Libc.Piece[4];
            pieces[0] = new Libc.Piece { Start = head, Length = _head.Length };
            pieces[1] = new Libc.Piece { Start = date, Length = _date.Length };
            pieces[2] = new Libc.Piece { Start = before, Length = _headOnly ? 0 : _before.Length };
            pieces[3] = new Libc.Piece { Start = body, Length = _headOnly ? 0 : _body.Length };
            var left = pieces[0].Length + pieces[1].Length + pieces[2].Length + pieces[3].Length - _sent;
            var skip = (nint)_sent;
            for (var i = 0; i < 4 && skip > 0; i++)
            {
                var part = Math.Min(skip, pieces[i].Length);
                pieces[i].Start = (byte*)pieces[i].Start + part;
                pieces[i].Length -= part;
                skip -= part;
            }

            var message = new Libc.Message { Pieces = pieces, PieceCount = 4 };
            while (true)
            {
                var sent = Libc.sendmsg(descriptor, &message, Libc.DontWait | Libc.NoSignal);
                if (sent >= 0)
                {
                    _sent += (int)sent;
                    return sent == left;
                }

                var error = System.Runtime.InteropServices.Marshal.GetLastPInvokeError();
                if (error == Libc.Interrupted)
                    continue;
                failed = error != Libc.Again;
                return false;
            }
        }
    }

    // The date has whole seconds (RFC 9110 § 5.6.7), so its line is made once a second.
    private static byte[] DateNow()
    {
        var second = DateTime.UtcNow.Ticks / TimeSpan.TicksPerSecond;
        var date = s_date;
        return date.Second == second ? date.Line : (s_date = new DateLine(second)).Line;
    }

    private sealed class DateLine(long second)
    {
        public long Second => second;

        public byte[] Line { get; } = Encoding.ASCII.GetBytes($"Date: {new DateTime(second * TimeSpan.TicksPerSecond, DateTimeKind.Utc):R}\r\n\r\n");
    }
}
