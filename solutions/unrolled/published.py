"""Twenty-five published language models: their sizes, and what their papers print of them, so that it can be checked.

Papers: Radford et al. (2019, GPT-2), table 2; Brown et al. (2020, GPT-3), tables 2.1 and D.1; Touvron et al. (2023, Llama),
table 2; Touvron et al. (2023, Llama 2), table 1; Jiang et al. (2023, Mistral 7B), table 1; Grattafiori et al. (2024, Llama
3), section 3.2 and table 3; Yang et al. (2024, Qwen2), table 1. What a paper leaves open (the widths of Llama 1 and 2, the
table of words of Qwen2) is from the released configuration.

Left out: mixtures of experts, encoders, and models whose sizes were not published.
"""

from dataclasses import dataclass

import torch

from unrolled.gpt import GPT, GPTConfig
from unrolled.llama import Llama, LlamaConfig
from unrolled.signatures import checked

UNITS = {"M": 10**6, "B": 10**9}


@dataclass(frozen=True)
class Published:
    """A model: its sizes, and the parameters, training tokens and training FLOPs that its paper prints (None: not said).

    `parameters` is as printed, such as "6.7B"; M are millions and B are billions.
    """

    name: str
    config: GPTConfig | LlamaConfig
    parameters: str
    tokens: float | None = None
    flops: float | None = None

    def count(self) -> int:
        """How many parameters the model has: it is built, on the device that keeps shapes and no numbers.

        >>> f"{PUBLISHED[0].count():,}"
        '124,439,808'
        """
        with torch.device("meta"):
            model = (GPT if isinstance(self.config, GPTConfig) else Llama)(self.config)
        return sum(parameter.numel() for parameter in model.parameters())

    def off_by(self, count: int) -> float:
        """By which part the count is larger than what is printed; 0 if it rounds to the printed digits.

        >>> PUBLISHED[0].parameters, round(PUBLISHED[0].off_by(124_439_808), 3)
        ('117M', 0.064)
        """
        digits, unit = self.parameters[:-1], UNITS[self.parameters[-1]]
        places = len(digits.partition(".")[2])
        if round(count / unit, places) == float(digits):
            return 0.0
        return count / (float(digits) * unit) - 1

    def cache(self) -> dict[str, int]:
        """The sizes that decide on the cache: `kv_cache_bytes(tokens=1, **model.cache())`."""
        config = self.config
        kv_heads = getattr(config, "kv_heads", None) or config.heads
        return {"layers": config.layers, "kv_heads": kv_heads, "head_size": config.d_model // config.heads}


def _gpt2(layers: int, d: int) -> GPTConfig:
    return GPTConfig(d_model=d, heads=d // 64, layers=layers, d_ff=4 * d)


def _gpt3(layers: int, d: int, head_size: int) -> GPTConfig:
    return GPTConfig(positions=2048, d_model=d, heads=d // head_size, layers=layers, d_ff=4 * d)


def _llama(layers: int, d: int, heads: int, d_ff: int, **others: object) -> LlamaConfig:
    return LlamaConfig(d_model=d, heads=heads, layers=layers, d_ff=d_ff, **others)


_LLAMA_3 = {"vocabulary": 128_256, "kv_heads": 8, "theta": 5e5, "positions": 131_072}
_QWEN_2 = {"theta": 1e6, "positions": 32_768, "eps": 1e-6, "qkv_bias": True}

PUBLISHED = (
    Published("GPT-2 small", _gpt2(12, 768), "117M"),
    Published("GPT-2 medium", _gpt2(24, 1024), "345M"),
    Published("GPT-2 large", _gpt2(36, 1280), "762M"),
    Published("GPT-2 XL", _gpt2(48, 1600), "1542M"),
    Published("GPT-3 Small", _gpt3(12, 768, 64), "125M", 300e9, 2.25e20),
    Published("GPT-3 Medium", _gpt3(24, 1024, 64), "350M", 300e9, 6.41e20),
    Published("GPT-3 Large", _gpt3(24, 1536, 96), "760M", 300e9, 1.37e21),
    Published("GPT-3 XL", _gpt3(24, 2048, 128), "1.3B", 300e9, 2.38e21),
    Published("GPT-3 2.7B", _gpt3(32, 2560, 80), "2.7B", 300e9, 4.77e21),
    Published("GPT-3 6.7B", _gpt3(32, 4096, 128), "6.7B", 300e9, 1.20e22),
    Published("GPT-3 13B", _gpt3(40, 5120, 128), "13.0B", 300e9, 2.31e22),
    Published("GPT-3 175B", _gpt3(96, 12_288, 128), "175.0B", 300e9, 3.14e23),
    Published("Llama 7B", _llama(32, 4096, 32, 11_008, positions=2048), "6.7B", 1.0e12),
    Published("Llama 13B", _llama(40, 5120, 40, 13_824, positions=2048), "13.0B", 1.0e12),
    Published("Llama 33B", _llama(60, 6656, 52, 17_920, positions=2048), "32.5B", 1.4e12),
    Published("Llama 65B", _llama(80, 8192, 64, 22_016, positions=2048), "65.2B", 1.4e12),
    Published("Llama-2 7B", _llama(32, 4096, 32, 11_008), "7B", 2.0e12),
    Published("Llama-2 13B", _llama(40, 5120, 40, 13_824), "13B", 2.0e12),
    Published("Llama-2 70B", _llama(80, 8192, 64, 28_672, kv_heads=8), "70B", 2.0e12),
    Published("Mistral 7B", _llama(32, 4096, 32, 14_336, kv_heads=8, positions=8192), "7B"),
    Published("Llama-3 8B", _llama(32, 4096, 32, 14_336, **_LLAMA_3), "8B", 15.0e12),
    Published("Llama-3 70B", _llama(80, 8192, 64, 28_672, **_LLAMA_3), "70B", 15.0e12),
    Published("Llama-3 405B", _llama(126, 16_384, 128, 53_248, **_LLAMA_3), "405B", 15.6e12, 3.8e25),
    Published("Qwen2 0.5B", _llama(24, 896, 14, 4864, vocabulary=151_936, kv_heads=2, tied=True, **_QWEN_2), "0.5B", 12e12),
    Published("Qwen2 7B", _llama(28, 3584, 28, 18_944, vocabulary=152_064, kv_heads=4, **_QWEN_2), "7B", 7e12),
)  # fmt: skip

checked(globals())
