namespace Grid.PointCloud.Laz.Layered;

/// <summary>What a layer of POINT14 keeps a scanner channel: models and last values.</summary>
internal abstract unsafe class ChannelContext
{
    /// <summary>Makes the models fresh, and takes the last values from a record.</summary>
    public abstract void Begin(byte* record);
}

/// <summary>A layer of POINT14 with contexts a scanner channel.</summary>
internal abstract unsafe class ChannelLayer<TContext>(Func<TContext> create) : Layer
    where TContext : ChannelContext
{
    private readonly TContext?[] _contexts = new TContext?[4];

    public override void Restart(byte* first, int channel) => Of(channel).Begin(first);

    /// <summary>The context that codes a run; a new one begins with the point before, of another channel.</summary>
    protected TContext Of(PointBlock block, Run run)
    {
        var context = Of(run.Context);
        if (run.IsNew)
            context.Begin(block[run.Start - 1]);
        return context;
    }

    protected TContext Of(int channel) => _contexts[channel] ??= create();
}
