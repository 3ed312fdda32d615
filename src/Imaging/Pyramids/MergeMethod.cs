namespace Grid.Imaging.Pyramids;

/// <summary>How pixels of several pyramids become one (ROK4's JOINCACHE); the first pyramid lies on top.</summary>
public enum MergeMethod
{
    /// <summary>The topmost pixel with data.</summary>
    Top,

    /// <summary>Blended by the last channel of 2 or 4 as opacity (Porter and Duff's "over", colours not premultiplied); without such a channel, as <see cref="Top"/>.</summary>
    AlphaTop,

    /// <summary>The product of all pixels with data, each channel as a share of 255.</summary>
    Multiply,

    /// <summary>The topmost slab whole, whatever lies in it.</summary>
    Replace,
}
