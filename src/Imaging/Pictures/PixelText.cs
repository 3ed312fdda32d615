using System.Globalization;
using System.Text;

namespace Grid.Imaging.Pictures;

/// <summary>Letters of five by seven pixels, for the few words that pictures need: printable ASCII and the sign of degrees.</summary>
internal static class PixelText
{
    public const int GlyphWidth = 5, GlyphHeight = 7;

    // A digit of base 32 is a row of five pixels, the leftmost in the highest bit; glyphs stand in the order of ASCII from the space on.
    private static readonly string[] s_glyphs = (
        "0000000 4444404 AAA0000 AAVAVAA 4FKE5U4 OP248J3 CIK8LID 4480000 2488842 8422248 04LEL40 044V440 0000C48 000V000 00000CC 01248G0 "
        + "EHJLPHE 4C4444E EH1248V V2421HE 26AIV22 VGU11HE 68GUHHE V124888 EHHEHHE EHHF12C 0CC0CC0 0CC0C48 248G842 00V0V00 8421248 EH12404 "
        + "EH1DLLE EHHVHHH UHHUHHU EHGGGHE SIHHHIS VGGUGGV VGGUGGG EHGNHHF HHHVHHH E44444E 72222IC HIKOKIH GGGGGGV HRLLHHH HHPLJHH EHHHHHE "
        + "UHHUGGG EHHHLID UHHUKIH FGGE11U V444444 HHHHHHE HHHHHA4 HHHLLLA HHA4AHH HHHA444 V1248GV E88888E 0G84210 E22222E 4AH0000 000000V "
        + "8420000 00E1FHF GGMPHHU 00EGGHE 11DJHHF 00EHVGE 698S888 0FHHF1E GGMPHHH 40C444E 20622IC GGIKOKI C44444E 00QLLHH 00MPHHH 00EHHHE "
        + "00UHUGG 00DJF11 00MPGGG 00EGE1U 88S8896 00HHHJD 00HHHA4 00HHLLA 00HA4AH 00HHF1E 00V248V 2448442 4444444 8442448 008L200").Split(' ');

    private const string Degree = "6996000";

    /// <summary>Whether a pixel of a character's glyph is ink; characters without a glyph look like a question mark.</summary>
    public static bool IsInk(char character, int x, int y)
    {
        var glyph = character == '°' ? Degree : s_glyphs[character is >= ' ' and <= '~' ? character - ' ' : '?' - ' '];
        var row = glyph[y] <= '9' ? glyph[y] - '0' : glyph[y] - 'A' + 10;
        return (row & (1 << (GlyphWidth - 1 - x))) != 0;
    }

    /// <summary>The text in characters that have glyphs: letters lose their accents.</summary>
    public static string Plain(string text)
    {
        var plain = new StringBuilder(text.Length);
        foreach (var character in text.Replace("…", "...", StringComparison.Ordinal).Replace('×', 'x').Normalize(NormalizationForm.FormD))
        {
            if (CharUnicodeInfo.GetUnicodeCategory(character) != UnicodeCategory.NonSpacingMark)
                plain.Append(character is (>= ' ' and <= '~') or '°' ? character : char.IsWhiteSpace(character) ? ' ' : '?');
        }

        return plain.ToString();
    }

    /// <summary>The text in lines of so many characters at most, broken between words where that can be.</summary>
    public static IReadOnlyList<string> Lines(string text, int most)
    {
        var lines = new List<string>();
        var rest = text.AsSpan().Trim();
        while (!rest.IsEmpty)
        {
            var length = Math.Min(most, rest.Length);
            if (length < rest.Length && rest[length] != ' ' && rest[..length].LastIndexOf(' ') is > 0 and var space)
                length = space;
            lines.Add(rest[..length].TrimEnd().ToString());
            rest = rest[length..].TrimStart();
        }

        return lines;
    }
}
