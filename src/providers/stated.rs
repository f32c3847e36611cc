//! Blocks of addresses that packs state themselves: what no table says, such as whose a range was before its network ended.

use std::net::IpAddr;

use super::block::Block;
use super::rule::Rule;

/// All stated blocks, the narrowest first.
#[derive(Debug, Default)]
pub(super) struct StatedBlocks {
    rules: Vec<Rule>,
    /// With the index of their rule.
    blocks: Vec<(Block, usize)>,
}

impl StatedBlocks {
    /// Adds what `rule` says about `blocks`.
    pub(super) fn add(&mut self, rule: Rule, blocks: &[Block]) {
        let index = self.rules.len();
        self.rules.push(rule);
        self.blocks
            .extend(blocks.iter().map(|block| (*block, index)));
        self.blocks
            .sort_by_key(|(block, _)| block.last - block.first);
    }

    /// The rules about the blocks that hold `address`, that of the narrowest block first.
    pub(super) fn find(&self, address: IpAddr) -> impl Iterator<Item = &Rule> {
        let address = Block::of(address);
        let holding = self
            .blocks
            .iter()
            .filter(move |(block, _)| block.contains(&address));
        holding.map(|(_, index)| &self.rules[*index])
    }

    /// The blocks of every rule that passes `is_wanted`.
    pub(super) fn blocks_of(
        &self,
        is_wanted: impl Fn(&Rule) -> bool,
    ) -> impl Iterator<Item = Block> {
        let blocks = self.blocks.iter();
        blocks
            .filter(move |(_, index)| is_wanted(&self.rules[*index]))
            .map(|(block, _)| *block)
    }
}
